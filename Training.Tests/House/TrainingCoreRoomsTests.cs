using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Training.Core.Runs;

namespace Training.Tests.House;

/// <summary>Training.Core's first-level folders, from top to bottom: each uses itself and what stands below it.</summary>
public sealed class TrainingCoreRoomsTests
{
    private const string Root = "Training.Core.";

    /// <summary>As README lists them.</summary>
    private static readonly string[] Order =
        ["Benchmarks", "Inference", "Engine", "Export", "Recipes", "Metrics", "Backbones", "Formats", "Data", "Images", "Devices", "Runs"];

    private static readonly System.Reflection.Assembly Core = typeof(RunFolder).Assembly;

    private static readonly ArchUnitNET.Domain.Architecture Built = new ArchLoader().LoadAssemblies(Core).Build();

    [Fact]
    public void Rooms_AreThoseOfTheList() =>
        Assert.Equal(Order.Order(StringComparer.Ordinal), Built.Types.Select(RoomOf).OfType<string>().Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Type_OfARoom_UsesItsOwnRoomAndThoseBelow()
    {
        var upward = from type in Built.Types
                     let room = RoomOf(type)
                     where room is not null
                     from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
                     let other = RoomOf(target)
                     where other is not null && Array.IndexOf(Order, other) < Array.IndexOf(Order, room)
                     select $"{type.FullName} uses {target.FullName}, which stands above it";

        Assert.Empty(upward.Distinct());
    }

    [Fact]
    public void Assembly_KnowsNeitherWebNorConsole()
    {
        Assert.DoesNotContain(Core.GetReferencedAssemblies(), each => each.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        var console = Built.Types.Where(type => type.Dependencies.Any(dependency => dependency.Target.FullName == "System.Console"));
        Assert.Empty(console.Select(type => type.FullName));
    }

    private static string? RoomOf(IType type) => type.Namespace?.FullName is { } name && name.StartsWith(Root, StringComparison.Ordinal)
        ? name[Root.Length..].Split('.')[0]
        : null;
}

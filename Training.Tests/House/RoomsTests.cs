using Dashboard.Storage;
using Training.Core.Runs;

namespace Training.Tests.House;

/// <summary>The order of the rooms, on the compiled assemblies.</summary>
public sealed class RoomsTests
{
    private static readonly Rooms Core = new(typeof(RunFolder).Assembly, "Training.Core",
        ["Benchmarks", "Inference", "Engine", "Export", "Recipes", "Metrics", "Backbones", "Formats", "Data", "Images", "Devices", "Runs"]);

    private static readonly Rooms Web = new(typeof(DashboardDb).Assembly, "Dashboard",
        ["Pages", "Terminal", "Api", "Peers", "Dispatch", "Runs", "Machines", "Datasets", "Access", "Storage", "Protocol", "Processes"]);

    public static TheoryData<string> Projects => ["Training.Core", "Dashboard"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Rooms_AreThoseOfTheList(string project) =>
        Assert.Equal(Of(project).Order.Order(StringComparer.Ordinal), Of(project).Inhabited);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Type_OfARoom_UsesItsOwnRoomAndThoseBelow(string project) => AssertNone(Of(project).Upward());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Rooms_LeanOnNoRoomThatLeansOnThem(string project) => Assert.Equal(0, Of(project).Count().TwoWay);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Type_HasItsNameForItself(string project) => AssertNone(Of(project).SharedNames());

    [Fact]
    public void Composition_IsKnownByNobody() => AssertNone(Web.Outward());

    [Fact]
    public void Core_KnowsNeitherWebNorConsole()
    {
        Assert.DoesNotContain(typeof(RunFolder).Assembly.GetReferencedAssemblies(),
            each => each.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        var console = Core.Types.Where(type => type.Dependencies.Any(dependency => dependency.Target.FullName == "System.Console"));
        Assert.Empty(console.Select(type => type.FullName));
    }

    /// <summary>All of them in the message, each on its line.</summary>
    private static void AssertNone(IReadOnlyList<string> found) => Assert.True(found.Count == 0, string.Join('\n', found));

    private static Rooms Of(string project) => project == "Dashboard" ? Web : Core;
}

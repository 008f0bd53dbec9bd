using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace Training.Tests.House;

/// <summary>
/// The first-level folders of a project, from top to bottom, as README lists them: each uses itself and what stands below it.
/// </summary>
/// <param name="root">The project's namespace.</param>
internal sealed class Rooms(System.Reflection.Assembly assembly, string root, IReadOnlyList<string> order)
{
    private readonly Architecture _built = new ArchLoader().LoadAssemblies(assembly).Build();

    /// <summary>
    /// What the compiler makes of razor files and lambdas has no room of its own, but belongs to the type that it stands in.
    /// </summary>
    public IEnumerable<IType> Types => _built.Types.Where(type => type.FullName.StartsWith(root + ".", StringComparison.Ordinal));

    public IReadOnlyList<string> Order => order;

    /// <summary>Rooms with types in them, in alphabetical order.</summary>
    public IReadOnlyList<string> Inhabited => [.. Types.Select(RoomOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Sentences about types that use one of a room above theirs; empty when the house is in order.</summary>
    public IReadOnlyList<string> Upward() =>
        [.. (from type in Types
             let room = RoomOf(type)
             where room is not null
             from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
             let other = RoomOf(target)
             where other is not null && Level(other) < Level(room)
             select $"{type.FullName} uses {target.FullName}, which stands above it").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Types outside the rooms that types in them use: what puts the house together is known by nobody in it.</summary>
    public IReadOnlyList<string> Outward() =>
        [.. (from type in Types
             where RoomOf(type) is not null
             from target in type.Dependencies.Select(dependency => dependency.Target).Distinct()
             where target.Namespace?.FullName == root
             select $"{type.FullName} uses {target.FullName}").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>First-level folders that lean on each other, as pairs; and how many lean on another at all.</summary>
    public (int Edges, int TwoWay) Count()
    {
        var edges = (from type in Types
                     let room = RoomOf(type)
                     where room is not null
                     from target in type.Dependencies.Select(dependency => RoomOf(dependency.Target))
                     where target is not null && target != room
                     select (room, target)).Distinct().ToHashSet();
        return (edges.Count,
            edges.Count(edge => string.CompareOrdinal(edge.room, edge.target) < 0 && edges.Contains((edge.target, edge.room))));
    }

    /// <summary>Names of types that stand in several namespaces.</summary>
    public IReadOnlyList<string> SharedNames() =>
        [.. from type in Types
            where type is Class or Struct or Interface or ArchUnitNET.Domain.Enum && !type.IsNested && !type.IsCompilerGenerated
                && IsWritten(type)
            group type.FullName by type.Name into same
            where same.Distinct().Count() > 1
            orderby same.Key
            select $"{same.Key}: {string.Join(", ", same.Distinct())}"];

    public string? RoomOf(IType type) => type.Namespace?.FullName is { } name && name.StartsWith(root + ".", StringComparison.Ordinal)
        ? name[(root.Length + 1)..].Split('.')[0]
        : null;

    /// <summary>Not by a compiler; and both databases' migrations are called alike.</summary>
    private static bool IsWritten(IType type) =>
        !type.Name.Contains('<', StringComparison.Ordinal) && !type.Name.Contains("__", StringComparison.Ordinal)
        && !type.FullName.Contains(".Migrations", StringComparison.Ordinal);

    /// <summary>A room that the list doesn't have stands at the top: nobody may use it.</summary>
    private int Level(string room) => order.ToList().IndexOf(room);
}

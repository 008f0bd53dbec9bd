using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Training.Tests.LongOnesFirst", "Training.Tests")]

namespace Training.Tests;

/// <summary>Of a test class that takes a minute: it is begun early, see <see cref="LongOnesFirst"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakesLongAttribute : Attribute;

/// <summary>
/// What takes minutes is begun first, and the others run beside it, so that nobody waits at the end: collections of many classes, then long
/// classes.
/// </summary>
public sealed class LongOnesFirst : ITestCollectionOrderer
{
    // A class without a collection is its own; the class can only be told by the name that this has.
    private static readonly HashSet<string> LongClasses =
        [.. typeof(LongOnesFirst).Assembly.GetTypes().Where(type => type.IsDefined(typeof(TakesLongAttribute), inherit: false))
            .Select(type => type.FullName!)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection) =>
        collection.CollectionDefinition is not null ? 0 : LongClasses.Contains(collection.DisplayName.Split(' ')[^1]) ? 1 : 2;
}

using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Training.Tests.SharedCollectionsFirst", "Training.Tests")]

namespace Training.Tests;

/// <summary>Collections of many classes take minutes, one test after the other: begun first, the others run beside them and nobody waits at the end.</summary>
public sealed class SharedCollectionsFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.CollectionDefinition is null);
}

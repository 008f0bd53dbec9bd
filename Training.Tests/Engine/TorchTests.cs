namespace Training.Tests.Engine;

/// <summary>libtorch's seed and its threads belong to the whole process: tests that train run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class TorchTests
{
    public const string Name = "Torch";
}

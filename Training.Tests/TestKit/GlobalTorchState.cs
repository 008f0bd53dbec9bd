namespace Training.Tests.TestKit;

/// <summary>
/// For tests that draw from libtorch's global random source, or say how many threads it uses: beside others, but one after the other.
/// </summary>
[CollectionDefinition(Name)]
public sealed class GlobalTorchState
{
    public const string Name = "Global state of libtorch";
}

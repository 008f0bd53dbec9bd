namespace Training.Tests.TestKit;

/// <summary>For tests that need libtorch's global random source to themselves: they run alone, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalTorchState
{
    public const string Name = "Global state of libtorch";
}

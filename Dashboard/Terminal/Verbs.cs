using Dashboard.Machines;
using Dashboard.Trainers;

namespace Dashboard.Terminal;

/// <summary>The verbs of the terminal; anything else is <c>serve</c>.</summary>
public static class Verbs
{
    public static bool Handles(string[] args) =>
        args.Length > 0 && args[0] is TrainerVerb.Name or MeasureSpeedVerb.Name or "train" or "evaluate" or "demo-data";

    public static Task<int> RunAsync(string[] args) => args[0] switch
    {
        TrainerVerb.Name => TrainerVerb.RunAsync(args[1..]),
        MeasureSpeedVerb.Name => MeasureSpeedVerb.RunAsync(),
        _ => throw new NotImplementedException(args[0]),
    };
}

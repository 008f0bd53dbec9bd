namespace Dashboard.Dispatch.Words;

/// <summary>Why something that people want of a machine is refused.</summary>
internal static class MachineCommandWords
{
    public const string OwnMachineStays =
        "This is the dashboard's own machine. Start the dashboard with Dashboard:TrainHere=false if it shall not train.";

    public const string OtherDashboardsMachineStays =
        "This is the machine of another dashboard that runs. Start that one with Dashboard:TrainHere=false if it shall not train.";

    public const string DoesntTrain =
        "This dashboard doesn't train itself, so its computer isn't measured. Start it with Dashboard:TrainHere=true to change that.";

    public const string NotMeasuredBesideRuns =
        "A run trains or waits: beside it the machine would be measured too slow, and the run be slowed. Measure when no run does.";

    public const string IsBeingMeasured = "The machine is being measured already; that takes a few seconds.";

    public const string Fault = "a fault of the dashboard; its log has the reason";

    /// <param name="runs">Those that go on, each as <see cref="Unpaused"/>; at least one.</param>
    public static string NotAllPaused(string machine, IReadOnlyList<string> runs) =>
        $"{machine} takes nothing new, but not all of its runs could be paused: {string.Join(", ", runs)}. "
            + $"Pause {(runs.Count == 1 ? "it on its own page" : "them on their own pages")}.";

    public static string Unpaused(string run, string why) => $"“{run}” ({why.TrimEnd('.')})";
}

namespace Dashboard.Protocol;

/// <summary>
/// Names one launch of a run. What was asked of it, who trains it and how it ended concern no other launch of the same run.
/// </summary>
/// <param name="Number">From 1.</param>
public readonly record struct AttemptId(int RunId, int Number);

using Spectre.Console;
using Training.Core.Data;
using Training.Core.Inference;

namespace Dashboard.Terminal;

/// <summary>Looks through a folder of photos with a progress bar and prints what was found.</summary>
internal static class TerminalScan
{
    private const int ProblemsShown = 20;

    private static readonly IAnsiConsole Console = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });

    /// <summary>Of a folder to train on.</summary>
    /// <param name="quiet">No bar; problems are printed in any case.</param>
    /// <exception cref="InvalidInputException">The folder can't be used; names it and the remedy.</exception>
    public static DatasetScan Run(string root, string? valRoot, bool quiet, CancellationToken stop)
    {
        var scan = Scan(root, valRoot, quiet, stop);
        Report([.. scan.Problems.Where(problem => problem.Purpose != FindingPurpose.Evaluating)]);
        return scan;
    }

    /// <summary>Of a folder to measure a model on, as its classes and splits allow.</summary>
    /// <param name="classes">The model's.</param>
    /// <inheritdoc cref="Run"/>
    public static EvaluationSet RunToEvaluate(string root, IReadOnlyList<string> classes, bool quiet, CancellationToken stop)
    {
        var set = EvaluationSet.Of(Scan(root, null, quiet, stop), classes);
        Report(set.Problems);
        return set;
    }

    private static DatasetScan Scan(string root, string? valRoot, bool quiet, CancellationToken stop) =>
        quiet ? ImageFolder.Scan(root, valRoot, stop: stop) : WithBar(root, valRoot, stop);

    private static void Report(IReadOnlyList<DatasetProblem> problems)
    {
        foreach (var problem in problems.Where(problem => problem.Severity == ProblemSeverity.Warning).Take(ProblemsShown))
            System.Console.Error.WriteLine($"Warning: {Line(problem)}");
        var warnings = problems.Count(problem => problem.Severity == ProblemSeverity.Warning);
        if (warnings > ProblemsShown) System.Console.Error.WriteLine($"… and {warnings - ProblemsShown} more warnings.");
        var errors = problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(Line).ToList();
        if (errors.Count > 0) throw new InvalidInputException(string.Join('\n', errors));
    }

    private static DatasetScan WithBar(string root, string? valRoot, CancellationToken stop) =>
        Console.Progress().AutoClear(true).Start(context =>
        {
            var bar = context.AddTask("Checking images");
            return ImageFolder.Scan(root, valRoot, new Forward(bar), stop: stop);
        });

    private static string Line(DatasetProblem problem) =>
        problem.Path is null ? $"{problem.Message} {problem.Remedy}" : $"{problem.Path}: {problem.Message} {problem.Remedy}";

    private sealed class Forward(ProgressTask bar) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value)
        {
            bar.MaxValue = Math.Max(1, value.Total);
            bar.Value = value.Done;
        }
    }
}

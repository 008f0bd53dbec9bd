using System.CommandLine;
using System.Text;
using Dashboard.Terminal.Output;
using Spectre.Console;
using Training.Core.Data;
using Training.Core.Data.Folders;
using Training.Core.Inference;

namespace Dashboard.Terminal;

/// <summary>Looks through a folder of photos with a progress bar and prints what was found.</summary>
internal static class TerminalScan
{
    private const int ProblemsShown = 20;

    /// <summary>Of all verbs that take a folder of labelled photos.</summary>
    internal static readonly Option<string?> Layout = new("--layout")
    {
        Description = $"How the folder is read, where its structure and names don't say it: {LayoutChoice.Help}.",
    };

    private static readonly IAnsiConsole Console = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });

    /// <summary>Of a folder to train on.</summary>
    /// <param name="quiet">No bar; problems are printed in any case.</param>
    /// <param name="layout">As <see cref="LayoutChoice.Parse"/> takes it.</param>
    /// <exception cref="InvalidInputException">The folder can't be used; names it and the remedy.</exception>
    public static DatasetScan Run(string root, string? valRoot, string? layout, bool quiet, CancellationToken cancellationToken)
    {
        var scan = Scan(root, valRoot, layout, quiet, cancellationToken);
        Report([.. scan.Problems.Where(problem => problem.Purpose != FindingPurpose.Evaluating)]);
        return scan;
    }

    /// <summary>Of a folder to measure a model on, as its classes and splits allow.</summary>
    /// <param name="classes">The model's.</param>
    /// <inheritdoc cref="Run"/>
    public static EvaluationSet RunToEvaluate(
        string root, IReadOnlyList<string> classes, string? layout, bool quiet, CancellationToken cancellationToken)
    {
        var set = EvaluationSet.Of(Scan(root, null, layout, quiet, cancellationToken), classes);
        Report(set.Problems);
        return set;
    }

    private static DatasetScan Scan(string root, string? valRoot, string? layout, bool quiet, CancellationToken cancellationToken)
    {
        var choice = ParseLayout(layout);
        return quiet ? ImageFolder.Scan(root, valRoot, layout: choice, cancellationToken: cancellationToken)
            : WithBar(root, valRoot, choice, cancellationToken);
    }

    private static void Report(IReadOnlyList<DatasetProblem> problems)
    {
        foreach (var problem in problems.Where(problem => problem.Severity == ProblemSeverity.Warning).Take(ProblemsShown))
            System.Console.Error.WriteLine($"Warning: {Line(problem)}");
        var warnings = problems.Count(problem => problem.Severity == ProblemSeverity.Warning);
        if (warnings > ProblemsShown) System.Console.Error.WriteLine($"… and {warnings - ProblemsShown} more warnings.");
        var errors = problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(Line).ToList();
        if (errors.Count > 0) throw new InvalidInputException(string.Join('\n', errors));
    }

    private static LayoutChoice ParseLayout(string? text)
    {
        try
        {
            return LayoutChoice.Parse(text);
        }
        catch (FormatException error)
        {
            throw new InvalidInputException($"--layout: {error.Message}");
        }
    }

    private static DatasetScan WithBar(string root, string? valRoot, LayoutChoice layout, CancellationToken cancellationToken) =>
        Console.Progress().AutoClear(true).Start(context =>
        {
            var bar = context.AddTask("Checking images");
            return ImageFolder.Scan(root, valRoot, new Forward(bar), layout: layout, cancellationToken: cancellationToken);
        });

    private static string Line(DatasetProblem problem) =>
        problem.Readings is { } readings ? Question(problem, readings)
        : Printable(problem.Path is null ? $"{problem.Message} {problem.Remedy}" : $"{problem.Path}: {problem.Message} {problem.Remedy}");

    /// <summary>A name may hold line breaks and what a terminal takes for commands.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(letter =>
            char.IsControl(letter) ? FormattableString.Invariant($"\\x{(int)letter:x2}") : letter.ToString()));

    /// <summary>The ways to read it, each with the option that says so and what it gives.</summary>
    private static string Question(DatasetProblem problem, IReadOnlyList<FolderReading> readings)
    {
        var text = new StringBuilder(Printable(problem.Path is null ? problem.Message : $"{problem.Path}: {problem.Message}"));
        text.Append(" Say which is meant:");
        var options = readings.Select(reading => $"--layout {TerminalCommand.Quote(reading.Layout)}").ToList();
        var wide = options.Max(each => each.Length) + 2;
        foreach (var (option, reading) in options.Zip(readings))
            text.Append("\n  ").Append(option.PadRight(wide)).Append(Printable($"{reading.Words} {reading.Summary}."));
        return text.ToString();
    }

    private sealed class Forward(ProgressTask bar) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value)
        {
            bar.MaxValue = Math.Max(1, value.Total);
            bar.Value = value.Done;
        }
    }
}

using System.Globalization;
using Dashboard.Processes;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Metrics;
using Training.Core.Recipes;

namespace Dashboard.Terminal.Output;

/// <summary>Something that the user of the terminal can put right; the message says what and how.</summary>
internal sealed class InvalidInputException(string message) : Exception(message);

/// <summary>Errors as lines for people on stderr, never as stack traces.</summary>
internal static class TerminalErrors
{
    /// <summary>Runs a verb and turns what users can put right into a line and an exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return ExitCode.Stopped;
        }
        catch (Exception error) when (error is InvalidInputException or WeightsException or ImageException or IOException
            or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return ExitCode.BadInput;
        }
        catch (Exception error) when (error is NotFiniteException or DivergedException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>Prints what is wrong with a recipe.</summary>
    /// <exception cref="InvalidInputException">There is an error among them.</exception>
    public static void Report(IReadOnlyList<RecipeProblem> problems)
    {
        // The scan has printed what concerns the dataset itself.
        foreach (var warning in problems.Where(problem => problem is { Severity: ProblemSeverity.Warning, Field: not "dataset" }))
            Console.Error.WriteLine($"Warning: {Line(warning)}");
        var errors = problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(Line).ToList();
        if (errors.Count > 0) throw new InvalidInputException(string.Join('\n', errors));
    }

    private static string Line(RecipeProblem problem) =>
        string.Create(CultureInfo.InvariantCulture, $"{problem.Field}: {problem.Message} {problem.Remedy}");
}

using System.CommandLine;
using Dashboard.Storage;
using Dashboard.Terminal.Output;
using Dashboard.Terminal.Settings;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary>The settings of the dashboard that is meant, as a start with the same words after it would read them.</summary>
internal static class BackupSettings
{
    private const string Prefix = $"--{DashboardOptions.Section}:";

    /// <exception cref="InvalidInputException">One of them is wrong, or no setting.</exception>
    public static DashboardOptions Of(ParseResult parsed)
    {
        var words = parsed.UnmatchedTokens.ToArray();
        for (var i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                throw new InvalidInputException($"“{words[i]}” is not known here. Settings are written like {Prefix}DataRoot=FOLDER.");
            // "--Dashboard:DataRoot FOLDER"
            if (!words[i].Contains('=', StringComparison.Ordinal)) i++;
        }
        var check = new SettingsCheck(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(words)
            .Build());
        var options = new DashboardOptions();
        check.Configure(options);
        if (check.Validate(null, options) is { Failed: true, Failures: { } failures })
            throw new InvalidInputException(string.Join('\n', failures));
        return options;
    }

    /// <summary>Runs a verb, and puts what went wrong with files or database into words.</summary>
    public static Task<int> GuardAsync(DashboardOptions options, Func<Task<int>> verb) => TerminalErrors.GuardAsync(async () =>
    {
        try
        {
            return await verb();
        }
        catch (BackupException e)
        {
            throw new InvalidInputException(e.Message);
        }
        catch (Exception e) when (e is not InvalidInputException
            && StorageException.Explain(e, options.Postgres.Length > 0
                ? "the database (setting Dashboard:Postgres) or the data root" : $"the data root {options.DataRoot}") is { } explained)
        {
            throw new InvalidInputException(explained.Message);
        }
    });
}

/// <summary>How far the work on a backup is, on stderr: a line that is written over, or in a file a line for each tenth.</summary>
internal sealed class BackupProgress(string what, long total) : IProgress<long>
{
    private long _done;
    private long _said = -1;

    public void Report(long value)
    {
        _done += value;
        var step = Console.IsErrorRedirected ? 10 : 1;
        var percent = total <= 0 ? 100 : Math.Min(99, _done * 100 / total) / step * step;
        if (percent == _said) return;
        _said = percent;
        var line = $"{what}: {percent} % ({ByteSize.Text(_done)} of about {ByteSize.Text(Math.Max(total, _done))})";
        if (Console.IsErrorRedirected) Console.Error.WriteLine(line);
        else Console.Error.Write($"\r{line}   ");
    }

    public void Done()
    {
        if (!Console.IsErrorRedirected && _said >= 0) Console.Error.WriteLine();
    }
}

using System.Globalization;
using Dashboard.Processes;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>The arguments of the verb <c>trainer</c>, written and read in this one place.</summary>
internal sealed record TrainerOptions
{
    public const string Verb = "trainer";
    public const string AttemptArgument = "--attempt";
    public const string LibtorchArgument = "--libtorch";
    private const string SendsFilesArgument = "--send-files";
    private const string YieldsArgument = "--yields";

    public required string RunFolder { get; init; }
    public required int RunId { get; init; }
    public required int Attempt { get; init; }
    public required Uri Server { get; init; }

    /// <summary>As machines name it: "cpu", "cuda:1".</summary>
    public string Device { get; init; } = "cpu";
    public string? WeightsFolder { get; init; }
    public string? CacheFolder { get; init; }

    /// <summary>Null: the libtorch of the program.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>Whether what it writes has to be sent to the dashboard, which reads another folder.</summary>
    public bool SendsFiles { get; init; }

    /// <summary>Whether the system's signal to end means that the machine is taken away, not that the run shall stop.</summary>
    public bool Yields { get; init; }

    public RunFolder Folder => new(RunFolder);

    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments =
        [
            "--run-folder", RunFolder,
            "--run", RunId.ToString(CultureInfo.InvariantCulture),
            AttemptArgument, Attempt.ToString(CultureInfo.InvariantCulture),
            "--server", Server.ToString(),
            "--device", Device,
        ];
        if (WeightsFolder is not null) arguments.AddRange(["--weights", WeightsFolder]);
        if (CacheFolder is not null) arguments.AddRange(["--cache", CacheFolder]);
        if (LibtorchFolder is not null) arguments.AddRange([LibtorchArgument, LibtorchFolder]);
        if (SendsFiles) arguments.Add(SendsFilesArgument);
        if (Yields) arguments.Add(YieldsArgument);
        return arguments;
    }

    /// <exception cref="StartException">Something is missing or wrong; the message names it.</exception>
    public static TrainerOptions Parse(IReadOnlyList<string> arguments)
    {
        return new TrainerOptions
        {
            RunFolder = Required("--run-folder"),
            RunId = Number("--run"),
            Attempt = Number(AttemptArgument),
            Server = Uri.TryCreate(Required("--server"), UriKind.Absolute, out var server)
                ? server
                : throw new StartException($"--server: '{Optional("--server")}' is no address such as http://127.0.0.1:5080."),
            Device = Optional("--device") ?? "cpu",
            WeightsFolder = Optional("--weights"),
            CacheFolder = Optional("--cache"),
            LibtorchFolder = Optional(LibtorchArgument),
            SendsFiles = arguments.Contains(SendsFilesArgument),
            Yields = arguments.Contains(YieldsArgument),
        };

        string? Optional(string name)
        {
            for (var i = 0; i + 1 < arguments.Count; i++)
                if (arguments[i] == name) return arguments[i + 1];
            return null;
        }

        string Required(string name) => Optional(name) ?? throw new StartException($"{name} is missing.");

        int Number(string name) => int.TryParse(Required(name), CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new StartException($"{name}: '{Optional(name)}' is no number.");
    }

    /// <summary>The device in a trainer's arguments; null when there is none.</summary>
    public static string? DeviceOf(IReadOnlyList<string> arguments) =>
        arguments.SkipWhile(argument => argument != "--device").Skip(1).FirstOrDefault();

    /// <summary>Whether a process with these arguments trains this attempt.</summary>
    public bool AreThoseOf(IReadOnlyList<string> arguments)
    {
        if (!arguments.Contains(Verb)) return false;
        try
        {
            var other = Parse(arguments);
            return other.RunFolder == RunFolder && other.RunId == RunId && other.Attempt == Attempt;
        }
        catch (StartException)
        {
            return false;
        }
    }
}

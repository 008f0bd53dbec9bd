using System.Text.RegularExpressions;
using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Dispatch.Clusters;

/// <summary>What people say of a Slurm cluster: page and API alike.</summary>
public sealed partial record ClusterSettings
{
    private const int MaxField = 200;
    private const int MaxOptions = 50;

    /// <summary>As runs and pages name it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Empty: the cluster's default.</summary>
    public string Partition { get; init; } = "";
    public string Account { get; init; } = "";

    /// <summary>Such as "gpu:1"; empty: processors only.</summary>
    public string Gres { get; init; } = "";

    /// <summary>As sbatch takes it, such as "12:00:00" or "2-0"; empty: the partition's.</summary>
    public string TimeLimit { get; init; } = "";

    /// <summary>More options of sbatch, each beginning with two dashes.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Where Slurm's commands run, as ssh takes it; empty: on the dashboard's own computer.</summary>
    public string Ssh { get; init; } = "";

    /// <summary>The dashboard's address as nodes reach it.</summary>
    public string Server { get; init; } = "";

    /// <summary>Most runs that are with Slurm at a time, waiting or running.</summary>
    public int MaxJobs { get; init; } = 10;

    /// <summary>Also takes runs that ask for no machine by name.</summary>
    public bool TakesAnyRun { get; init; }

    /// <summary>Options that the dashboard sets itself, or that would give it another kind of job.</summary>
    private static readonly string[] Ours =
        ["job-name", "comment", "output", "error", "open-mode", "chdir", "requeue", "no-requeue", "parsable", "wrap", "array", "test-only",
            "wait", "hold", "input",
         "dependency", "partition", "account", "gres", "time"];

    /// <summary>Every wrong field once, in words.</summary>
    public IReadOnlyList<RecipeProblem> Problems()
    {
        List<RecipeProblem> problems = [];
        if (MachineStore.NameProblem(Name.Trim()) is { } name)
            Add("name", ClusterWords.NameRefused(name, MachineStore.MaxName));
        foreach (var (field, value) in new[] { ("partition", Partition), ("account", Account), ("gres", Gres), ("timeLimit", TimeLimit) })
            if (value.Length > MaxField || value.Any(char.IsControl))
                Add(field, ClusterWords.NoSlurmOption);
        if (Options.Count > MaxOptions) Add("options", ClusterWords.TooManyOptions(Options.Count, MaxOptions));
        else if (Options.Select(OptionProblem).FirstOrDefault(problem => problem is not null) is { } option)
            Add("options", ClusterWords.OptionRefused(option));
        if (Ssh.Length > MaxField || Ssh.Length > 0 && !Destination().IsMatch(Ssh))
            Add("ssh", ClusterWords.NotADestination(ForeignText.Line(Ssh)));
        if (Server.Length > MaxField || !Uri.TryCreate(Server, UriKind.Absolute, out var server)
            || server.Scheme is not ("http" or "https"))
            Add("server", Server.Length == 0 ? ClusterWords.AddressMissing : ClusterWords.NotAnAddress(ForeignText.Line(Server)));
        if (MaxJobs is < 1 or > 1000) Add("maxJobs", ClusterWords.RunsOutOfRange);
        return problems;

        void Add(string field, (string Message, string Remedy) words) =>
            problems.Add(new RecipeProblem(ProblemSeverity.Error, field, words.Message, words.Remedy));
    }

    /// <summary>The arguments of sbatch that place and limit a job.</summary>
    public IReadOnlyList<string> Placement()
    {
        List<string> options =
            [.. Options.Select(option => option.Trim()).SelectMany(option => option.Split(' ', 2, StringSplitOptions.TrimEntries))];
        // The cluster's own fields after the free ones: of an option that is given twice the last one counts.
        if (Partition.Length > 0) options.Add("--partition=" + Partition);
        if (Account.Length > 0) options.Add("--account=" + Account);
        if (Gres.Length > 0) options.Add("--gres=" + Gres);
        if (TimeLimit.Length > 0) options.Add("--time=" + TimeLimit);
        return options;
    }

    /// <summary>As machines name it: the GPU that Slurm gives a job is the first that the job sees.</summary>
    public string Device =>
        Gres.Contains("gpu", StringComparison.OrdinalIgnoreCase)
        || Options.Any(option => option.StartsWith("--gpus", StringComparison.Ordinal)) ? "cuda:0" : "cpu";

    public static ClusterSettings Of(ClusterRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new ClusterSettings
        {
            Name = row.Name, Partition = row.Partition, Account = row.Account, Gres = row.Gres, TimeLimit = row.TimeLimit,
            Options = row.Options.Split('\n', StringSplitOptions.RemoveEmptyEntries), Ssh = row.Ssh, Server = row.Server,
            MaxJobs = row.MaxJobs, TakesAnyRun = row.TakesAnyRun,
        };
    }

    internal void CopyTo(ClusterRow row)
    {
        (row.Partition, row.Account, row.Gres, row.TimeLimit) = (Partition.Trim(), Account.Trim(), Gres.Trim(), TimeLimit.Trim());
        (row.Options, row.Ssh, row.Server) = (string.Join('\n', Options.Select(option => option.Trim())), Ssh.Trim(), Server.Trim());
        (row.MaxJobs, row.TakesAnyRun) = (MaxJobs, TakesAnyRun);
    }

    private static string? OptionProblem(string option) => Option().Match(option.Trim()) switch
    {
        _ when option.Length > MaxField => ClusterWords.OptionTooLong(option.Length, MaxField),
        { Success: false } => ClusterWords.NotAnOption(option),
        { Groups: [_, { Value: var name }, ..] } when Ours.Contains(name) => ClusterWords.OptionOfOurs(name),
        _ => null,
    };

    [GeneratedRegex("^--([a-z][a-z0-9-]*)([= ][^\\p{C}]*)?$")]
    private static partial Regex Option();

    [GeneratedRegex("^[\\p{L}\\p{Nd}_][\\p{L}\\p{Nd}_.@:-]*$")]
    private static partial Regex Destination();
}

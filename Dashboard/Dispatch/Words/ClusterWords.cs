namespace Dashboard.Dispatch.Words;

/// <summary>What people read of a cluster: of its settings, of its test, of Slurm's command line.</summary>
internal static class ClusterWords
{
    public const string OnProcessor = "on the processor: it sees no GPU there";

    public const string NotAnsweredInTime = "It has not answered for 10 seconds.";

    private const string AddressRemedy = "Write this dashboard's address as the nodes reach it, such as http://box.example:5080.";

    /// <summary>The checks of a test, in their order.</summary>
    public static readonly IReadOnlyList<string> Checks =
        ["Slurm answers", "It takes a job", "The job starts", "Its node sees the data root", "This program starts there",
            "It reaches the dashboard", "libtorch loads there"];

    public static (string Message, string Remedy) NoSlurmOption =>
        ("This can't be an option of Slurm.", "Write it as sbatch takes it, on one line.");

    public static (string Message, string Remedy) AddressMissing =>
        ("Trainers on the nodes have to know where the dashboard is.", AddressRemedy);

    public static (string Message, string Remedy) RunsOutOfRange =>
        ("A cluster takes between 1 and 1,000 runs at a time.", "Choose a number in between.");

    /// <param name="problem">What is wrong with the name.</param>
    public static (string Message, string Remedy) NameRefused(string problem, int most) =>
        (problem, $"Take another one of at most {most} characters.");

    public static (string Message, string Remedy) TooManyOptions(int count, int most) =>
        ($"There are {count} options.", $"Write at most {most}.");

    /// <param name="problem">What is wrong with one of them.</param>
    public static (string Message, string Remedy) OptionRefused(string problem) => (problem, "Write one option a line, such as --mem=32G.");

    public static string OptionTooLong(int length, int most) => $"An option has {length} characters; {most} at most.";

    public static string NotAnOption(string option) => $"“{option}” is no option of sbatch: it has to begin with two dashes.";

    public static string OptionOfOurs(string name) => $"The dashboard sets --{name} itself, from the other fields.";

    public static (string Message, string Remedy) NotADestination(string typed) =>
        ($"“{typed}” is no destination for ssh.", "Write it as you do after ssh, such as me@login.example, or leave it empty.");

    public static (string Message, string Remedy) NotAnAddress(string typed) => ($"“{typed}” is no address.", AddressRemedy);

    public static string ProgramSilent(string program, TimeSpan since) => $"{program} has not answered for {since.TotalSeconds} seconds.";

    public static string ProgramNotStarted(string program) => $"{program} could not be started.";

    public static string ProgramMissing(string program, string why) =>
        $"{program} can't be started on the dashboard's computer: {why}. Install Slurm's client there, or name a computer that has it "
            + "under SSH.";

    public static string ProgramSaidNothing(int exitCode) => $"It exited with {exitCode} and printed nothing.";

    /// <param name="refusal">Slurm's own words.</param>
    /// <param name="remedy">Empty: they say it.</param>
    public static string TestRefused(string refusal, string remedy) => $"{refusal.TrimEnd('.')}. {remedy}".TrimEnd();

    public static string TestIsJob(string? job) => $"job {job}";

    public static string TestRunsOn(string node) => $"on {node}";

    public static string NoDataRoot(string node, string dataRoot) =>
        $"{node} doesn't see {dataRoot}, or can't write there. Move the data root to a disk that all nodes have under the same path "
            + "(Dashboard:DataRoot).";

    /// <param name="state">How the job stands, in Slurm's words.</param>
    /// <param name="log">What it printed last.</param>
    public static string NoProgram(string folder, string node, string state, IEnumerable<string> log) =>
        $"{folder} can't be started on {node}: {state}. {string.Join(' ', log)} The nodes need this program's folder under the same path, "
            + "and .NET.";

    public static string OtherVersion(string node, string there, string here) =>
        $"{node} has version {there} there, the dashboard is {here}.";

    public static string Version(string version) => $"version {version}";

    public static string DashboardNotReached(string node, string address, string why) =>
        $"{node} can't reach {address}: {why} Let the dashboard listen on an address that nodes reach (--urls), and write that one here.";

    public static string LibtorchNotLoaded(string node, string why) => $"It can't be loaded on {node}: {why}";

    public static string ComputesOn(string device) => $"computes on {device}";

    /// <param name="meaning">Of the state; empty: unknown.</param>
    public static string TestStillWaits(string state, string meaning) =>
        $"It still waits after two minutes: {state}. {meaning} What comes after can't be tried before it starts.";

    public static string TestIsGone(string job) => $"Slurm doesn't show job {job} any more: somebody cancelled it.";
}

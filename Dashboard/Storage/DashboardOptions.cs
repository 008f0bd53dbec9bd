using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Training.Core.Runs;

namespace Dashboard.Storage;

/// <summary>
/// Section "Dashboard" of the settings (appsettings.json, environment, command line). Checked at start, all errors at once.
/// </summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>Everything that users make lies under this folder; move the folder to move it all.</summary>
    [Required]
    public string DataRoot { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "FineTuneDashboard");

    /// <summary>Connection string of a PostgreSQL database; empty: SQLite in a file under the data root.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>
    /// Connection string of a Redis server over which several dashboards on one PostgreSQL database speak; empty: this is the only one.
    /// </summary>
    public string Redis { get; set; } = "";

    /// <summary>This dashboard's name among several, and that of its machine; empty: the host's name.</summary>
    [RegularExpression(@"[\w.-]{0,64}", ErrorMessage = "Dashboard:Name has at most 64 letters, digits, dots, hyphens and underscores.")]
    public string Name { get; set; } = "";

    /// <summary>
    /// Where trainers on this computer report, such as a proxy before several dashboards; empty: to this dashboard itself.
    /// </summary>
    [RegularExpression("(https?://.+)?", ErrorMessage = "Dashboard:Address is an address such as https://dashboard.example, or empty.")]
    public string Address { get; set; } = "";

    /// <summary>Whether this process trains runs itself; off in tests and where only other machines train.</summary>
    public bool TrainHere { get; set; } = true;

    /// <summary>Whether the demo dataset is made at the first start.</summary>
    public bool DemoDataset { get; set; } = true;

    /// <summary>Largest zip that may be uploaded, in bytes.</summary>
    [Range(1L << 20, 1L << 42)]
    public long MaxUploadBytes { get; set; } = 20L << 30;

    /// <summary>Largest size of a zip's content, unpacked, in bytes.</summary>
    [Range(1L << 20, 1L << 42)]
    public long MaxUnpackedBytes { get; set; } = 60L << 30;

    /// <summary>Most entries of a zip.</summary>
    [Range(1, 10_000_000)]
    public int MaxZipEntries { get; set; } = 1_000_000;

    /// <summary>
    /// Folders of this computer, separated by semicolons, in which datasets may lie that are added from other computers; empty: uploads
    /// only.
    /// </summary>
    public string DatasetFolders { get; set; } = "";

    /// <summary>Folder of libtorch 2.10 with CUDA that the trainer loads instead of the built-in CPU one; empty: the built-in.</summary>
    public string LibtorchFolder { get; set; } = "";

    /// <summary>
    /// Whether trainers on a processor compute with our own kernels (Training.Core/Devices/Kernels); false: with libtorch's operators only.
    /// </summary>
    public bool Kernels { get; set; } = true;

    /// <summary>Address of a folder with torchvision's weight files, such as a copy in the own network; empty: torchvision's own.</summary>
    [RegularExpression("(https?://.+)?", ErrorMessage = "Dashboard:WeightsMirror is an address such as https://mirror.example/models, or "
        + "empty.")]
    public string WeightsMirror { get; set; } = "";

    /// <summary>The ssh client that reaches clusters elsewhere.</summary>
    [Required]
    public string Ssh { get; set; } = "ssh";

    /// <summary>Whether this computer's own browser has to sign in too, such as where others have accounts on it.</summary>
    public bool SignInHere { get; set; }

    /// <summary>
    /// Addresses or networks of proxies whose X-Forwarded headers are believed, separated by semicolons; empty: nobody's.
    /// </summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>File with the certificate of https addresses: PEM (with the chain), or PFX; empty: http only.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file with the certificate's private key; empty: it lies in the same file.</summary>
    public string CertificateKey { get; set; } = "";

    /// <summary>Of the private key or the PFX file; empty: none.</summary>
    public string CertificatePassword { get; set; } = "";

    /// <summary>Whether other dashboards may be at work over the same database and data root.</summary>
    public bool IsOneOfSeveral => Redis.Length > 0;

    /// <summary>Unique among the dashboards over a database.</summary>
    public string PeerName => Name.Length > 0 ? Name : Environment.MachineName;

    public string DatabaseFile => Path.Combine(DataRoot, "dashboard.db");
    public string RunsFolder => Path.Combine(DataRoot, "runs");
    public string DatasetsFolder => Path.Combine(DataRoot, "datasets");
    public string ThumbnailsFolder => Path.Combine(DataRoot, "thumbnails");
    public string WeightsFolder => Path.Combine(DataRoot, "weights");
    public string KeysFolder => Path.Combine(DataRoot, "keys");
    public string PeersFolder => Path.Combine(DataRoot, "dashboards");
    public string CacheFolder => Path.Combine(DataRoot, "cache");

    public RunFolder RunFolder(int runId) =>
        new(Path.Combine(RunsFolder, runId.ToString(CultureInfo.InvariantCulture)));
}

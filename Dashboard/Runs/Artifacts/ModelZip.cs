using System.IO.Compression;
using System.Reflection;
using System.Text;
using Training.Core.Backbones;
using Training.Core.Export;
using Training.Core.Runs;

namespace Dashboard.Runs.Artifacts;

/// <summary>A run's model with all that it takes to use it elsewhere, as one zip.</summary>
public static class ModelZip
{
    public const string Name = "model.zip";

    /// <summary>Whether a run has come far enough.</summary>
    public static bool IsReady(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Needed(folder).All(File.Exists);
    }

    /// <summary>Writes as it reads: no file is ever in memory as a whole.</summary>
    /// <param name="card">The text of MODEL_CARD.md.</param>
    /// <param name="target">Need not seek, but must take synchronous writes too: an entry's header is written so.</param>
    public static async Task WriteAsync(RunFolder folder, string card, Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var model = ModelDescription.Load(folder.Classes);
        await using var zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8,
            cancellationToken);
        await AddTextAsync(zip, "MODEL_CARD.md", card, cancellationToken);
        await AddTextAsync(zip, "predict.py", await PythonAsync(model, cancellationToken), cancellationToken);
        await AddTextAsync(zip, "predict.cs", await CSharpAsync(cancellationToken), cancellationToken);
        foreach (var path in Needed(folder).Append(folder.ExportCheck).Where(File.Exists))
            // Weights hardly shrink, and deflating them takes seconds.
            await zip.CreateEntryFromFileAsync(path, Path.GetFileName(path), CompressionLevel.NoCompression, cancellationToken);
    }

    private static IReadOnlyList<string> Needed(RunFolder folder) => [folder.Classes, folder.Onnx, folder.BestModel, folder.Safetensors];

    /// <summary>What torchvision is to build stands in the program: it should run nothing that a file says.</summary>
    private static async Task<string> PythonAsync(ModelDescription model, CancellationToken cancellationToken) =>
        (await ProgramAsync("predict.py", cancellationToken))
        .Replace("{{import}}", BackboneCatalog.Get(model.Backbone).TorchvisionImport, StringComparison.Ordinal)
        .Replace("{{network}}", model.Torchvision, StringComparison.Ordinal);

    /// <summary>With the packages' versions that this program itself was built and tested with.</summary>
    private static async Task<string> CSharpAsync(CancellationToken cancellationToken) => typeof(ModelZip).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Aggregate(await ProgramAsync("predict.cs", cancellationToken), (program, package) =>
            program.Replace($"{package.Key}@{{{{version}}}}", $"{package.Key}@{package.Value}", StringComparison.Ordinal));

    private static async Task<string> ProgramAsync(string name, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(typeof(ModelZip).Assembly.GetManifestResourceStream(name)!);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static async Task AddTextAsync(ZipArchive zip, string name, string text, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name, CompressionLevel.NoCompression).OpenAsync(cancellationToken);
        await entry.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}

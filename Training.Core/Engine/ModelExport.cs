using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Export;
using Training.Core.Metrics;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>A run's best weights in other formats: model.onnx and model.safetensors beside best_model.pth.</summary>
public static class ModelExport
{
    /// <summary>Enough to see that an export is right, and done in a second or two.</summary>
    private const int MostChecked = 64;

    private const int BatchSize = 16;

    /// <summary>Writes both files and compares ONNX Runtime with the network on validation images.</summary>
    /// <param name="folder">With best_model.pth and classes.json.</param>
    /// <param name="samples">To compare on: some of the validation images; null: the files are written unchecked.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="WeightsException">The weights are damaged or of another network.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    /// <exception cref="NotFiniteException">The exported model's answers are no numbers; the files are gone again.</exception>
    public static ExportCheck? Write(RunFolder folder, DatasetManifest? samples, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var description = ModelDescription.Load(folder.Classes);
        using var network = PretrainedWeights.Create(BackboneCatalog.Get(description.Backbone), description.Classes.Count);
        TorchExport.LoadPth(network, folder.BestModel);
        network.SetTraining(false, freezeBatchNorm: false);
        TorchExport.SaveSafetensors(network, folder.Safetensors);
        OnnxExport.Save(network, description, folder.Onnx);
        File.Delete(folder.ExportCheck); // of the former files
        if (samples is null) return null;
        network.UseChannelsLast();
        var check = Compare(network, folder.Onnx, samples, cancellationToken);
        if (check.NotFinite > 0) // nobody may come across a model without answers
        {
            File.Delete(folder.Onnx);
            File.Delete(folder.Safetensors);
            throw new NotFiniteException($"{check.Words} The files are deleted again. Train it anew with a lower learning rate, or with "
                + "precision fp32.");
        }
        check.Save(folder.ExportCheck);
        return check;
    }

    private static ExportCheck Compare(ImageClassifier network, string path, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        using var model = new OnnxModel(path, Environment.ProcessorCount);
        var every = manifest.Samples.Where(sample => sample.Split == Split.Val).ToList();
        // Spread over the list, which is sorted by class.
        var step = Math.Max(1, every.Count / MostChecked);
        var samples = every.Where((_, index) => index % step == 0).Take(MostChecked).ToList();
        var squares = new byte[BatchSize * model.SquareBytes];
        var check = new ExportCheck(0, 0, null);
        foreach (var batch in samples.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            for (var i = 0; i < batch.Length; i++)
                model.Prepare(manifest.FullPath(batch[i]), squares.AsSpan(i * model.SquareBytes), manifest.Fence, cancellationToken);
            var images = ImageTensor.Of(new Batch(squares, batch), model.ImageSize, new Devices.ComputeDevice(CPU, ScalarType.Float32));
            var ours = network.call(images).data<float>().ToArray();
            var theirs = model.Run(squares, batch.Length);
            for (var i = 0; i < batch.Length; i++)
                check = check.With(ours.AsSpan(i * theirs.Classes, theirs.Classes), theirs.LogitsOf(i));
        }
        return check;
    }
}

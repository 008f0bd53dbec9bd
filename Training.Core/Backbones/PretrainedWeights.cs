using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>Builds networks and fills them.</summary>
public static class PretrainedWeights
{
    /// <summary>
    /// The network with random weights (Kaiming, as torchvision) by the global seed; a head of <paramref name="classes"/> outputs.
    /// </summary>
    public static ImageClassifier Create(BackboneSpec spec, int classes) => spec.Create(classes);

    /// <summary>Loads ImageNet weights into all but the head.</summary>
    /// <param name="weightsFolder">Where downloaded or dropped weight files lie; the built-in file is found beside the program.</param>
    /// <exception cref="WeightsException">The file is missing (says where to put it) or damaged.</exception>
    public static void LoadInto(ImageClassifier network, BackboneSpec spec, string? weightsFolder)
    {
        if (spec.Weights.IsBuiltIn)
        {
            OnnxWeights.LoadInto(network, spec, OnnxWeights.Folder);
            return;
        }
        var path = Find(spec, weightsFolder) ?? throw new WeightsException(WhatToDo(spec, weightsFolder));
        StateDictFile.VerifyName(path);
        LoadFileInto(network, path, withHead: false);
    }

    /// <param name="withHead">False leaves the head as it is: the file's has other classes.</param>
    internal static void LoadFileInto(ImageClassifier network, string path, bool withHead)
    {
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> target = withHead ? network.StateDict() : BackboneOf(network);
        // Files from before PyTorch 0.4.1 don't count batches.
        StateDictFile.Copy(StateDictFile.Read(path), target, path,
            name => (!withHead && network.IsHead(name)) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal));
    }

    /// <summary>
    /// Whether training could start offline; otherwise <paramref name="whatToDo"/> says what is missing and where to put it.
    /// </summary>
    /// <remarks>Looks for the file only; whether it is whole shows when it is loaded.</remarks>
    public static bool IsAvailable(BackboneSpec spec, string? weightsFolder, out string whatToDo)
    {
        var available = spec.Weights.IsBuiltIn ? OnnxWeights.Exists(spec) : Find(spec, weightsFolder) is not null;
        whatToDo = available ? "" : WhatToDo(spec, weightsFolder);
        return available;
    }

    private static Dictionary<string, Tensor> BackboneOf(ImageClassifier network) =>
        network.StateDict().Where(entry => !network.IsHead(entry.Key)).ToDictionary();

    /// <summary>The file that a run on this backbone would read; null when it needs none or it is not here.</summary>
    public static string? FileOf(BackboneSpec spec, string? weightsFolder) => spec.Weights.IsBuiltIn ? null : Find(spec, weightsFolder);

    /// <summary>torchvision's file, the same network's under its plain name, or another version of torchvision's.</summary>
    private static string? Find(BackboneSpec spec, string? folder)
    {
        if (folder is null || !Directory.Exists(folder)) return null;
        string[] names = [spec.Weights.FileName, $"{spec.Name}.safetensors", $"{spec.Name}.pth"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? Directory.EnumerateFiles(folder, $"{spec.Name}-????????.pth").Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static string WhatToDo(BackboneSpec spec, string? folder) => spec.Weights.IsBuiltIn
        ? OnnxWeights.Missing(Path.Combine(OnnxWeights.Folder, spec.Weights.FileName))
        : $"The weights of {spec.Title} are not on this machine. Put {spec.Weights.FileName} into " +
          $"{(folder is null ? "the weights folder" : Path.GetFullPath(folder))} (from {spec.Weights.Url}), or choose the built-in "
              + "backbone.";
}

/// <summary>Pretrained weights that can't be used; the message says why and what to do.</summary>
public sealed class WeightsException(string message) : Exception(message);

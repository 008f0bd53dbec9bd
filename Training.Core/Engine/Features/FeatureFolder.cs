using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Training.Core.Backbones;
using Training.Core.Devices;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine.Features;

/// <summary>
/// Which folder holds the features of a network: one for each content of the backbone's weights, preprocessing and precision, so that
/// a cache can never answer for another network.
/// </summary>
internal static class FeatureFolder
{
    /// <summary>To be raised when decoding, resizing or normalising gives other numbers.</summary>
    private const int Preprocessing = 2;

    public static string Of(string root, ImageClassifier network, Recipe recipe, ComputeDevice device)
    {
        var key = string.Create(CultureInfo.InvariantCulture,
            $"{Preprocessing}:{recipe.Backbone}:{recipe.ImageSize}:{recipe.Resize}:{recipe.FullDecode}:{device.Name}:{device.Precision}:"
            + $"{Convert.ToHexString(HashOf(network))}");
        return Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32]);
    }

    private static byte[] HashOf(ImageClassifier network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in network.StateDict())
        {
            if (network.IsHead(name)) continue;
            using var step = NewDisposeScope();
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        return hash.GetHashAndReset();
    }
}

using System.Collections;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace Training.Core.Backbones;

/// <summary>Reads state dicts that PyTorch or safetensors wrote, and says in words why one can't be used.</summary>
internal static partial class StateDictFile
{
    // The first byte of a pickle, which is all that PyTorch's format before 1.6 consisted of.
    private const byte PickleStart = 0x80;

    /// <summary>Tensors by name, on the CPU, in the caller's dispose scope.</summary>
    /// <exception cref="WeightsException">The file is missing, damaged or holds something else.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length == 0) throw Unusable(path, "it is empty");
            return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
                ? ReadSafetensors(stream, path) : ReadPth(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WeightsException($"There is no file {path}.");
        }
        catch (UnauthorizedAccessException)
        {
            throw Unusable(path, "reading it is not permitted");
        }
        catch (Exception e) when (e is not WeightsException and not OutOfMemoryException)
        {
            // The readers meet whatever bytes are there, and throw whatever those lead to.
            throw Unusable(path, $"it is damaged or incomplete ({FirstLine(e.Message)})");
        }
    }

    /// <summary>Checks all names and shapes first, then copies: a network is never half loaded.</summary>
    /// <param name="target">The network's live tensors; the first of them that doesn't fit is named.</param>
    /// <param name="optional">Names that either side may lack.</param>
    /// <exception cref="WeightsException"/>
    public static void Copy(
        IReadOnlyDictionary<string, Tensor> source, IReadOnlyDictionary<string, Tensor> target, string path, Func<string, bool> optional)
    {
        foreach (var (name, tensor) in target)
        {
            if (!source.TryGetValue(name, out var value))
            {
                if (optional(name)) continue;
                throw Unusable(path, $"it lacks '{name}', so it belongs to another network");
            }
            if (!optional(name) && !value.shape.SequenceEqual(tensor.shape))
                throw Unusable(path, $"'{name}' has the shape {Shape(value)} instead of {Shape(tensor)}, so it belongs to another network");
        }
        if (source.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name => !target.ContainsKey(name) && !optional(name)) is { } unknown)
            throw Unusable(path, $"it has '{unknown}', which this network lacks");

        if (NotFinite(source) is { } bad)
            throw Unusable(path,
                $"'{bad}' holds values that are no numbers (NaN or infinite): the training that wrote it had failed; take another file");
        using var noGradient = no_grad();
        foreach (var (name, tensor) in target)
            if (source.TryGetValue(name, out var value) && value.shape.SequenceEqual(tensor.shape))
                tensor.copy_(value);
    }

    /// <summary>
    /// The first tensor with a value that is no number (NaN or infinite); null: there is none. Waits for the device once.
    /// </summary>
    /// <param name="tensors">On one device.</param>
    public static string? NotFinite(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var named = tensors.Where(entry => entry.Value.is_floating_point() && entry.Value.numel() > 0).ToList();
        if (named.Count == 0) return null;
        var whole = stack(named.Select(entry => entry.Value.isfinite().all())).cpu().data<bool>().ToArray();
        var first = Array.IndexOf(whole, false);
        return first < 0 ? null : named[first].Key;
    }

    /// <summary>Compares with the hash in the file's name, if it has one as torchvision's files do.</summary>
    /// <exception cref="WeightsException">The contents differ; the message says to fetch the file again.</exception>
    public static void VerifyName(string path)
    {
        var match = HashInName().Match(Path.GetFileName(path));
        if (!match.Success) return;
        var expected = match.Groups[1].Value;
        using var stream = File.OpenRead(path);
        var actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (!actual.StartsWith(expected, StringComparison.Ordinal))
            throw Unusable(path,
                $"its SHA-256 begins with {actual[..expected.Length]} instead of {expected}, so it is damaged or incomplete; download it "
                    + "again");
    }

    private static Dictionary<string, Tensor> ReadPth(Stream stream, string path)
    {
        if (stream.ReadByte() == PickleStart)
            throw Unusable(path,
                "it has PyTorch's format from before version 1.6; load it in a newer PyTorch and save it again with torch.save");
        stream.Position = 0;
        var result = new Dictionary<string, Tensor>();
        foreach (DictionaryEntry entry in PyTorchUnpickler.UnpickleStateDict(stream))
            result[(string)entry.Key] = entry.Value as Tensor
                ?? throw Unusable(path, $"it is no plain state dict: '{entry.Key}' is not a tensor; save model.state_dict() alone");
        return result;
    }

    private static Dictionary<string, Tensor> ReadSafetensors(Stream stream, string path)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(length);
        // Checked here because the reader allocates what the header claims.
        if (BitConverter.ToUInt64(length) > (ulong)(stream.Length - stream.Position))
            throw Unusable(path, "it is damaged or incomplete (its header is longer than the file)");
        stream.Position = 0;
        return Safetensors.LoadStateDict(stream);
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim().TrimEnd('.');

    private static WeightsException Unusable(string path, string why) => new($"The weights in {path} can't be used: {why}.");

    [GeneratedRegex(@"-([0-9a-f]{8,64})\.pth$")]
    private static partial Regex HashInName();
}

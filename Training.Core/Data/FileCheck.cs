using Training.Core.Images;

namespace Training.Core.Data;
/// <summary>What a scan found in one file: an image, something to say about it, or both.</summary>
internal sealed record FileCheck(ImageInfo? Info, (string Message, string Remedy)? Problem)
{
    private const string CopyAgain = "Copy or download the file again, or delete it.";
    private const string Convert = "Save it as JPEG or PNG, or move it out of the dataset's folder.";

    public string Sha256 { get; private init; } = "";

    public long Bytes { get; private init; }

    /// <summary>Reads the file once: the first bytes decide whether the rest is worth reading.</summary>
    public static FileCheck Of(string path, FolderFence fence)
    {
        try
        {
            // Also true of pipes and devices, which must not be opened: reading one can wait for ever.
            if (Target(path).Length == 0) return Refuse("is empty (0 bytes)", CopyAgain);
            using var handle = fence.Open(path);
            Span<byte> head = stackalloc byte[ImageSignature.Length];
            head = head[..RandomAccess.Read(handle, head, 0)];
            if (ImageSignature.Of(head) is null)
                return Refuse(ImageSignature.Refusal(head), head.IsEmpty ? CopyAgain : Convert);
            using var file = FileBytes.Read(handle);
            var info = ImageDecoder.Check(file.Span);
            return new FileCheck(info, Both(LookProblem(info), NameProblem(path, info))) { Sha256 = file.Sha256, Bytes = file.Length };
        }
        catch (ImageException error)
        {
            return Refuse(error.Message, error.TooLarge ? "Save a smaller version of it, or delete it." : CopyAgain);
        }
        catch (FileNotFoundException)
        {
            return Refuse("is a link that leads nowhere, or was deleted during the scan", "Mend or delete it, then scan again.");
        }
        catch (OutsideFenceException)
        {
            return Refuse("is a link that leads out of the folders that this dataset may be read from",
                "Copy the image here, or delete the link.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refuse("can't be read", "Give the user that runs this program the right to read it, then scan again.");
        }
    }

    private static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
    }

    /// <summary>
    /// The content decides, so an image under a wrong name is used; only a name that no other program opens is worth a word.
    /// </summary>
    private static (string, string)? NameProblem(string path, ImageInfo info)
    {
        var extension = Path.GetExtension(path);
        if (ImageDecoder.Extensions.Contains(extension)) return null;
        return extension.Length == 0
            ? ($"Has no file extension but is a {info.Format} image; it is used.",
                $"Add .{Usual(info)} to its name, so that other programs open it too.")
            : ($"Is a {info.Format} image under the extension {extension}; it is used.",
                $"Rename it to .{Usual(info)}, so that other programs open it too.");
    }

    /// <summary>What a decoder takes without a word, and a model can learn nothing from.</summary>
    private static (string, string)? LookProblem(ImageInfo info) =>
        info.IsBlank ? ("Is blank: every pixel has the same colour; it is used.", "Look whether it was saved right, or delete it.")
        : info.IsTransparent
        ? ("Is wholly transparent; it is used with the colours that lie under it.",
            "Look at the colours in the dataset's images; save it without transparency.")
        : null;

    private static (string Message, string Remedy)? Both((string Message, string Remedy)? first, (string Message, string Remedy)? second) =>
        first is { } one && second is { } other ? ($"{one.Message} {other.Message}", $"{one.Remedy} {other.Remedy}") : first ?? second;

    private static string Usual(ImageInfo info) => info.Format == "JPEG" ? "jpg" : info.Format.ToLowerInvariant();

    private static FileCheck Refuse(string reason, string remedy) =>
        new(null, ($"{char.ToUpperInvariant(reason[0])}{reason[1..]}; it is not used.", remedy));
}

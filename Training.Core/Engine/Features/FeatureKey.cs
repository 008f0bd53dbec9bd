using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Training.Core.Data;

namespace Training.Core.Engine.Features;

/// <summary>Which look at which image: the file's SHA-256, for an augmented view mixed with what determines the view.</summary>
internal readonly record struct FeatureKey(UInt128 High, UInt128 Low)
{
    public const int Bytes = 32;

    /// <param name="view">From 1 for augmented views, -1 for the mean with the mirror image; 0: the image as it is.</param>
    /// <returns>Null for a sample whose content is unknown.</returns>
    public static FeatureKey? Of(Sample sample, int view, AugmentationOptions augmentation, int seed)
    {
        if (sample.Sha256.Length != Bytes * 2) return null;
        if (view == 0) return Read(Convert.FromHexString(sample.Sha256));
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{sample.Sha256}:{augmentation.Kind}:{augmentation.VerticalFlip}:{augmentation.Erasing:R}:{seed}:{sample.Id}:{view}");
        return Read(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    public static FeatureKey Read(ReadOnlySpan<byte> bytes) => new(
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
    }
}

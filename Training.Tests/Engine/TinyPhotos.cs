using System.Security.Cryptography;
using SkiaSharp;
using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>A few small pictures in two classes that a network tells apart by colour, some of them hard.</summary>
internal sealed class TinyPhotos : IDisposable
{
    public const int Train = 24;
    public const int Val = 12;
    private const int Side = 32;

    private readonly TemporaryFolder _folder = new();

    public TinyPhotos()
    {
        var random = new Random(7);
        var samples = new List<Sample>();
        for (var id = 0; id < Train + Val; id++)
        {
            var label = id % 2;
            var path = $"{id:D3}.png";
            var bytes = Draw(label, random);
            File.WriteAllBytes(_folder.In(path), bytes);
            samples.Add(new Sample(id, path, label, id < Train ? Split.Train : Split.Val)
            {
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)), Width = Side, Height = Side,
            });
        }
        Manifest = new DatasetManifest("tiny", _folder.Path, ["red", "blue"], samples);
    }

    public DatasetManifest Manifest { get; }

    public string Root => _folder.Path;

    public void Dispose() => _folder.Dispose();

    private static byte[] Draw(int label, Random random)
    {
        using var bitmap = new SKBitmap(Side, Side);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var (strong, weak) = ((byte)random.Next(90, 256), (byte)random.Next(0, 190));
                bitmap.SetPixel(x, y, label == 0 ? new SKColor(strong, weak, weak) : new SKColor(weak, weak, strong));
            }
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}

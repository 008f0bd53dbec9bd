namespace Training.Core.Images;

/// <summary>
/// How the pixels of a file lie against the upright image (EXIF): a point (x, y) of the upright image is at (y, x) of the file when
/// swapped, then mirrored along the file's own axes. Only the small result is turned, never the large source.
/// </summary>
internal readonly record struct ImageOrientation(bool Swap, bool MirrorX, bool MirrorY)
{
    /// <param name="exif">1–8, see <see cref="ExifOrientation"/>.</param>
    public static ImageOrientation Of(int exif) => exif switch
    {
        2 => new(false, true, false),
        3 => new(false, true, true),
        4 => new(false, false, true),
        5 => new(true, false, false),
        6 => new(true, false, true),
        7 => new(true, true, true),
        8 => new(true, true, false),
        _ => default,
    };

    /// <summary>Width and height change places when swapped; the same both ways.</summary>
    public PixelSize Turn(PixelSize size) => Swap ? new(size.Height, size.Width) : size;

    /// <summary>A part of the upright image as a part of the file's pixels.</summary>
    public CropBox ToFile(CropBox box)
    {
        var turned = Swap ? new CropBox(box.Top, box.Left, box.Height, box.Width) : box;
        return turned with
        {
            Left = MirrorX ? 1 - turned.Left - turned.Width : turned.Left,
            Top = MirrorY ? 1 - turned.Top - turned.Height : turned.Top,
        };
    }

    /// <summary>Copies RGBA as it lies in the file to upright pixels of <paramref name="channels"/> bytes (3: RGB, 4: RGBA).</summary>
    public void CopyUpright(ReadOnlySpan<byte> file, PixelSize fileSize, Span<byte> upright, int channels)
    {
        var size = Turn(fileSize);
        var columnStep = MirrorX ? -4 : 4;
        var rowStep = (MirrorY ? -4 : 4) * fileSize.Width;
        var origin = (MirrorX ? (fileSize.Width - 1) * 4 : 0) + (MirrorY ? (fileSize.Height - 1) * fileSize.Width * 4 : 0);
        var (right, down) = Swap ? (rowStep, columnStep) : (columnStep, rowStep);
        var to = 0;
        for (var y = 0; y < size.Height; y++)
        {
            var from = origin + y * down;
            for (var x = 0; x < size.Width; x++, from += right, to += channels)
                file.Slice(from, channels).CopyTo(upright[to..]);
        }
    }
}

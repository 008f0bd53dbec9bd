namespace Training.Core.Images;

/// <summary>Rows of RGBA within the budget of the process; give them back by <see cref="Dispose"/>.</summary>
internal readonly ref struct DecodedPixels
{
    private readonly ByteBuffer _buffer;
    private readonly long _budgeted;

    /// <param name="firstRow">See <see cref="FirstRow"/>.</param>
    /// <param name="besides">Bytes that are in memory while these pixels are made and used.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, while waiting for the budget.</exception>
    public DecodedPixels(PixelSize size, int firstRow, long besides, CancellationToken cancellationToken)
    {
        (Size, FirstRow) = (size, firstRow);
        var length = size.Width * size.Height * 4;
        _budgeted = length + besides;
        DecodeBudget.OfPixels.Take(_budgeted, cancellationToken);
        try
        {
            _buffer = new ByteBuffer(length);
        }
        catch
        {
            DecodeBudget.OfPixels.Release(_budgeted);
            throw;
        }
    }

    public PixelSize Size { get; }

    /// <summary>Where the first row lies in the whole image.</summary>
    public int FirstRow { get; }

    public Span<byte> Rgba => _buffer.Span;

    /// <summary>Whether there is nothing to be seen: every pixel is the same.</summary>
    public bool IsOneColour
    {
        get
        {
            var pixels = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Rgba);
            return pixels.IndexOfAnyExcept(pixels[0]) < 0;
        }
    }

    /// <summary>
    /// Colours and alpha, not multiplied, become colours over white. Where every pixel is transparent the alpha counts for nothing: it was
    /// never meant (as in pictures of programs that leave it 0), and the colours are what there is to be seen.
    /// </summary>
    /// <returns>Whether every pixel was transparent.</returns>
    public bool LayOverWhite()
    {
        var rgba = Rgba;
        var isTransparent = true;
        for (var at = 3; at < rgba.Length && isTransparent; at += 4) isTransparent = rgba[at] == 0;
        for (var at = 0; at < rgba.Length; at += 4)
        {
            int alpha = rgba[at + 3];
            rgba[at + 3] = 255;
            if (alpha == 255 || isTransparent) continue;
            var white = (255 - alpha) * 255 + 127;
            rgba[at] = (byte)((rgba[at] * alpha + white) / 255);
            rgba[at + 1] = (byte)((rgba[at + 1] * alpha + white) / 255);
            rgba[at + 2] = (byte)((rgba[at + 2] * alpha + white) / 255);
        }
        return isTransparent;
    }

    public void Dispose()
    {
        _buffer.Dispose();
        DecodeBudget.OfPixels.Release(_budgeted);
    }
}

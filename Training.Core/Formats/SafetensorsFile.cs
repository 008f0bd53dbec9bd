using System.Buffers.Binary;
using System.Text.Json;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Formats;

/// <summary>
/// Tensors with names and free text beside them, in the safetensors format (eight bytes of header length, a JSON header, plain bytes;
/// https://huggingface.co/docs/safetensors).
/// By hand: TorchSharp.PyBridge (MIT) writes no free text, drops it when it reads, and copies each tensor through an array.
/// </summary>
public static class SafetensorsFile
{
    private const string MetadataKey = "__metadata__";

    /// <summary>Headers are kilobytes; a larger claim is damage.</summary>
    private const int LongestHeader = 100 << 20;

    /// <summary>The format asks for headers of whole words, filled up by spaces.</summary>
    private const int Alignment = 8;

    /// <summary>Writes by temporary file and rename; tensors of any device and layout.</summary>
    /// <exception cref="IOException">The disk is full: the former file stays as it was.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = Header(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in tensors.Values)
            {
                using var scope = NewDisposeScope();
                tensor.detach().cpu().contiguous().WriteBytesToStream(stream, 1 << 20);
            }
        });
    }

    /// <summary>Tensors on the CPU, in the caller's dispose scope.</summary>
    /// <exception cref="InvalidDataException">Cut off or damaged; the message names the file.</exception>
    /// <exception cref="FileNotFoundException"/>
    public static (IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path)
    {
        using var stream = File.OpenRead(path);
        try
        {
            using var header = JsonDocument.Parse(ReadHeader(stream));
            var start = stream.Position;
            var tensors = new OrderedDictionary<string, Tensor>();
            var metadata = new Dictionary<string, string>();
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                if (entry.NameEquals(MetadataKey))
                    foreach (var text in entry.Value.EnumerateObject()) metadata[text.Name] = text.Value.GetString() ?? "";
                else
                    tensors.Add(entry.Name, ReadTensor(stream, start, entry.Value));
            }
            return (tensors, metadata);
        }
        catch (Exception e) when (
            e is JsonException or EndOfStreamException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is damaged or incomplete ({e.Message.Split('\n', 2)[0]}).", e);
        }
    }

    private static byte[] Header(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = new OrderedDictionary<string, object> { { MetadataKey, metadata } };
        long offset = 0;
        foreach (var (name, tensor) in tensors)
        {
            var end = offset + tensor.numel() * tensor.element_size();
            header.Add(name, new { dtype = NameOf(tensor.dtype), shape = tensor.shape, data_offsets = new[] { offset, end } });
            offset = end;
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = new byte[(json.Length + Alignment - 1) / Alignment * Alignment];
        json.CopyTo(padded, 0);
        padded.AsSpan(json.Length).Fill((byte)' ');
        return padded;
    }

    private static byte[] ReadHeader(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)Math.Min(LongestHeader, stream.Length - stream.Position))
            throw new FormatException("its header is longer than the file");
        var header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }

    private static Tensor ReadTensor(Stream stream, long start, JsonElement entry)
    {
        long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var offsets = entry.GetProperty("data_offsets");
        var tensor = empty(shape, TypeOf(entry.GetProperty("dtype").GetString()));
        var (first, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (end - first != tensor.numel() * tensor.element_size() || start + end > stream.Length)
            throw new FormatException("a tensor's bytes don't fit its shape, or the file ends before them");
        stream.Position = start + first;
        tensor.ReadBytesFromStream(stream, 1 << 20);
        return tensor;
    }

    private static string NameOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Float64 => "F64",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        _ => throw new ArgumentException($"Tensors of {type} are not written to safetensors files.", nameof(type)),
    };

    private static ScalarType TypeOf(string? name) => name switch
    {
        "F32" => ScalarType.Float32,
        "F64" => ScalarType.Float64,
        "F16" => ScalarType.Float16,
        "BF16" => ScalarType.BFloat16,
        "I64" => ScalarType.Int64,
        _ => throw new FormatException($"it holds numbers of the unknown type {name}"),
    };
}

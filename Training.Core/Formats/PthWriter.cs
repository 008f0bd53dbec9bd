using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace Training.Core.Formats;

/// <summary>
/// Writes a state dict as torch.save does: a zip with a pickle of names and shapes and one entry of bytes per tensor.
/// By hand: TorchSharp.PyBridge (MIT), which reads such files here, deflates float weights: that takes seconds and saves a few percent.
/// </summary>
internal static class PthWriter
{
    /// <summary>Zips count from here; torch.save writes it too.</summary>
    private static readonly DateTimeOffset ZipStart = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="state">Contiguous CPU tensors of float32 or int64.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> state)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(archive, "data.pkl", entry => entry.Write(StateDictPickle.Write(state)));
        Add(archive, "byteorder", entry => entry.Write("little"u8));
        var key = 0;
        foreach (var tensor in state.Values)
            Add(archive, string.Create(CultureInfo.InvariantCulture, $"data/{key++}"), entry => tensor.WriteBytesToStream(entry, 1 << 20));
        Add(archive, "version", entry => entry.Write("3\n"u8));
    }

    private static void Add(ZipArchive archive, string name, Action<Stream> write)
    {
        var entry = archive.CreateEntry($"model/{name}", CompressionLevel.NoCompression);
        entry.LastWriteTime = ZipStart; // the same weights give the same file
        using var stream = entry.Open();
        write(stream);
    }
}

/// <summary>The pickle (protocol 2) of an OrderedDict of tensors, whose bytes are entries "0", "1" … beside it.</summary>
internal static class StateDictPickle
{
    private const string OrderedDict = "collections\nOrderedDict";

    public static byte[] Write(IReadOnlyDictionary<string, Tensor> state)
    {
        using var stream = new MemoryStream();
        using var pickle = new BinaryWriter(stream);
        pickle.Write([0x80, 2]);
        WriteEmptyOrderedDict(pickle);
        pickle.Write('('); // mark: the pairs up to 'u' are set into the dictionary
        var key = 0;
        foreach (var (name, tensor) in state)
        {
            WriteText(pickle, name);
            WriteTensor(pickle, tensor, (key++).ToString(CultureInfo.InvariantCulture));
        }
        pickle.Write("u."u8);
        pickle.Flush();
        return stream.ToArray();
    }

    // torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)
    private static void WriteTensor(BinaryWriter pickle, Tensor tensor, string key)
    {
        WriteGlobal(pickle, "torch._utils\n_rebuild_tensor_v2");
        pickle.Write('(');
        WriteStorage(pickle, tensor, key);
        WriteInteger(pickle, 0);
        WriteTuple(pickle, tensor.shape);
        WriteTuple(pickle, tensor.stride());
        pickle.Write((byte)0x89); // False
        WriteEmptyOrderedDict(pickle);
        pickle.Write("tR"u8);
    }

    // A persistent id: ("storage", type, key, device, number of elements)
    private static void WriteStorage(BinaryWriter pickle, Tensor tensor, string key)
    {
        pickle.Write('(');
        WriteText(pickle, "storage");
        WriteGlobal(pickle, tensor.dtype switch
        {
            ScalarType.Float32 => "torch\nFloatStorage",
            ScalarType.Int64 => "torch\nLongStorage",
            _ => throw new ArgumentException($"A tensor of {tensor.dtype} in a state dict.", nameof(tensor)),
        });
        WriteText(pickle, key);
        WriteText(pickle, "cpu");
        WriteInteger(pickle, tensor.numel());
        pickle.Write("tQ"u8);
    }

    private static void WriteEmptyOrderedDict(BinaryWriter pickle)
    {
        WriteGlobal(pickle, OrderedDict);
        pickle.Write(")R"u8);
    }

    private static void WriteGlobal(BinaryWriter pickle, string moduleAndName) =>
        pickle.Write(Encoding.ASCII.GetBytes($"c{moduleAndName}\n"));

    private static void WriteText(BinaryWriter pickle, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        pickle.Write('X');
        pickle.Write(bytes.Length);
        pickle.Write(bytes);
    }

    private static void WriteInteger(BinaryWriter pickle, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, checked((int)value));
        pickle.Write('J');
        pickle.Write(bytes);
    }

    private static void WriteTuple(BinaryWriter pickle, long[] values)
    {
        pickle.Write('(');
        foreach (var value in values) WriteInteger(pickle, value);
        pickle.Write('t');
    }
}

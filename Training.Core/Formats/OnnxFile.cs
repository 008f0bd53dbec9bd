using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace Training.Core.Formats;

/// <summary>
/// The layers and float weights of an ONNX file, mapped into memory: weights are copied once, from the file to where they are used.
/// By hand: OnnxSharp (MIT), which reads the layers, takes weights through the managed heap twice: as long as the first training step.
/// Not thread-safe.
/// </summary>
internal sealed unsafe class OnnxFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, (long[] Dimensions, Range Floats)> _weights = [];
    private readonly List<NodeProto> _nodes = [];
    private readonly int _length;

    /// <exception cref="InvalidDataException">Not an ONNX file, or cut off.</exception>
    /// <exception cref="IOException"/>
    public OnnxFile(string path)
    {
        _length = checked((int)new FileInfo(path).Length);
        if (_length == 0) throw Damaged();
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            foreach (var (number, content) in Fields(..))
                if (number == ModelProto.GraphFieldNumber) ReadGraph(content);
        }
        catch (Exception error)
        {
            Dispose();
            if (error is InvalidProtocolBufferException or OverflowException) throw Damaged();
            throw;
        }
    }

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<NodeProto> Nodes => _nodes;

    public IReadOnlyCollection<string> WeightNames => _weights.Keys;

    /// <summary>Whether there are such weights, with the shape that they have.</summary>
    public bool TryGetShape(string name, out long[] shape)
    {
        var found = _weights.TryGetValue(name, out var weight);
        shape = found ? weight.Dimensions : [];
        return found;
    }

    /// <summary>Valid until <see cref="Dispose"/>; row by row.</summary>
    public ReadOnlySpan<float> Weights(string name) => MemoryMarshal.Cast<byte, float>(Bytes[_weights[name].Floats]);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Bytes => new(_start, _length);

    private void ReadGraph(Range graph)
    {
        foreach (var (number, content) in Fields(graph))
        {
            if (number == GraphProto.NodeFieldNumber) _nodes.Add(NodeProto.Parser.ParseFrom(Bytes[content]));
            else if (number == GraphProto.InitializerFieldNumber) ReadWeights(content);
        }
    }

    private void ReadWeights(Range tensor)
    {
        var (name, shape, floats) = ("", new List<long>(), 0..0);
        foreach (var (number, content) in Fields(tensor))
        {
            if (number == TensorProto.NameFieldNumber) name = System.Text.Encoding.UTF8.GetString(Bytes[content]);
            else if (number == TensorProto.FloatDataFieldNumber) floats = content;
            else if (number == TensorProto.DimsFieldNumber)
                for (var at = content.Start.Value; at < content.End.Value;) shape.Add((long)ReadNumber(ref at, content.End.Value));
        }
        _weights[name] = ([.. shape], floats);
    }

    /// <summary>The fields of a message (Protocol Buffers, "Encoding"); a number's content is its own bytes.</summary>
    private List<(int Number, Range Content)> Fields(Range message)
    {
        var fields = new List<(int, Range)>();
        var (begin, length) = message.GetOffsetAndLength(_length);
        var end = begin + length;
        for (var at = begin; at < end;)
        {
            var tag = ReadNumber(ref at, end);
            var start = at;
            switch (tag & 7)
            {
                case 0: ReadNumber(ref at, end); break;
                case 1: at += sizeof(ulong); break;
                case 2:
                    var size = checked((int)ReadNumber(ref at, end));
                    start = at;
                    at = checked(at + size);
                    break;
                case 5: at += sizeof(uint); break;
                default: throw Damaged();
            }
            if (at > end) throw Damaged();
            fields.Add(((int)(tag >> 3), start..at));
        }
        return fields;
    }

    private ulong ReadNumber(ref int at, int end)
    {
        ulong number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= end) throw Damaged();
            var part = Bytes[at++];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return number;
        }
        throw Damaged();
    }

    private static InvalidDataException Damaged() => new("it is no whole ONNX file");
}

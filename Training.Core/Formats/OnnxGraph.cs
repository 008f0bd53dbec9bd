using System.Globalization;
using Google.Protobuf;
using Onnx;
using static TorchSharp.torch;

namespace Training.Core.Formats;

/// <summary>A layer that says itself how it looks in ONNX.</summary>
internal interface IOnnxLayer
{
    /// <summary>Adds the layer's nodes, as in evaluation.</summary>
    /// <param name="input">Name of the value that goes in.</param>
    /// <returns>Name of the value that comes out.</returns>
    string Export(OnnxGraph graph, string input);
}

/// <summary>
/// An ONNX graph under construction. Values are known by name; weights keep the names of the state dict.
/// By hand: TorchSharp exports no ONNX (PyTorch's exporter is Python), and OnnxSharp (MIT) has the format's messages, no builder.
/// </summary>
/// <param name="state">The network's tensors by name: what layers may ask weights of.</param>
internal sealed class OnnxGraph(IReadOnlyDictionary<string, Tensor> state)
{
    private readonly Dictionary<IntPtr, string> _names = state.ToDictionary(entry => entry.Value.Handle, entry => entry.Key);
    private readonly GraphProto _graph = new() { Name = "network" };
    private readonly HashSet<string> _written = [];

    public GraphProto Proto => _graph;

    public string Convolution(string input, Tensor weight, Tensor? bias, int stride, int padding, int groups)
    {
        var kernel = weight.shape[2..];
        return Add("Conv", bias is null ? [input, Weight(weight)] : [input, Weight(weight), Weight(bias)],
            Integers("kernel_shape", kernel), Integers("strides", stride, stride),
            Integers("pads", padding, padding, padding, padding), Integer("group", groups));
    }

    public string BatchNormalization(string input, Tensor weight, Tensor bias, Tensor mean, Tensor variance, double epsilon) =>
        Add("BatchNormalization", [input, Weight(weight), Weight(bias), Weight(mean), Weight(variance)], Number("epsilon", epsilon));

    /// <summary>A matrix product with transposed weights, as of a linear layer.</summary>
    public string Linear(string input, Tensor weight, Tensor bias, string? output = null) =>
        AddNamed("Gemm", [input, Weight(weight), Weight(bias)], output, Integer("transB", 1));

    public string MaxPool(string input, int kernel, int stride, int padding) =>
        Add("MaxPool", [input], Integers("kernel_shape", kernel, kernel), Integers("strides", stride, stride),
            Integers("pads", padding, padding, padding, padding));

    /// <summary>(n, c, h, w) to (n, c, 1, 1).</summary>
    public string Average(string input) => Add("GlobalAveragePool", [input]);

    /// <summary>(n, c, 1, 1) to (n, c).</summary>
    public string Flatten(string input) => Add("Flatten", [input], Integer("axis", 1));

    public string Relu(string input) => Add("Relu", [input]);

    public string Relu6(string input) => Add("Clip", [input, Constant("zero", 0), Constant("six", 6)]);

    public string Sigmoid(string input) => Add("Sigmoid", [input]);

    public string HardSigmoid(string input) => Add("HardSigmoid", [input], Number("alpha", 1.0 / 6), Number("beta", 0.5));

    public string HardSwish(string input) => Add("HardSwish", [input]);

    public string Add(string left, string right) => Add("Add", [left, right]);

    public string Multiply(string left, string right) => Add("Mul", [left, right]);

    /// <summary>Gives a value the name that the world outside knows it by.</summary>
    public void Output(string value, string name, params IReadOnlyList<object> shape)
    {
        if (value != name) AddNamed("Identity", [value], name);
        _graph.Output.Add(Value(name, shape));
    }

    /// <param name="shape">Numbers, or names of sizes that may differ from call to call.</param>
    public void Input(string name, params IReadOnlyList<object> shape) => _graph.Input.Add(Value(name, shape));

    private string Add(string type, IReadOnlyList<string> inputs, params IEnumerable<AttributeProto> attributes) =>
        AddNamed(type, inputs, null, attributes);

    private string AddNamed(string type, IReadOnlyList<string> inputs, string? output, params IEnumerable<AttributeProto> attributes)
    {
        var name = output ?? string.Create(CultureInfo.InvariantCulture, $"{type}_{_graph.Node.Count}");
        var node = new NodeProto { OpType = type, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        node.Attribute.AddRange(attributes);
        _graph.Node.Add(node);
        return name;
    }

    private string Weight(Tensor tensor)
    {
        var name = _names[tensor.Handle];
        if (!_written.Add(name)) return name;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var plain = tensor.detach().to(ScalarType.Float32).cpu().contiguous();
        var proto = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(plain.bytes) };
        proto.Dims.AddRange(plain.shape);
        _graph.Initializer.Add(proto);
        return name;
    }

    private string Constant(string name, float value)
    {
        if (!_written.Add(name)) return name;
        var proto = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
        proto.FloatData.Add(value);
        _graph.Initializer.Add(proto);
        return name;
    }

    private static ValueInfoProto Value(string name, IReadOnlyList<object> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var size in shape)
            dimensions.Dim.Add(size is string free
                ? new TensorShapeProto.Types.Dimension { DimParam = free }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, CultureInfo.InvariantCulture) });
        var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dimensions };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }

    private static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Integers(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private static AttributeProto Number(string name, double value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };
}

using System.Globalization;
using Google.Protobuf;
using Onnx;
using Training.Core.Backbones;
using Training.Core.Formats;
using Training.Core.Images;
using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>
/// Writes a network as ONNX. Input "images" (n, 3, size, size): RGB of 0–1 minus mean, divided by deviation, float32. Outputs "logits"
/// (n, classes), "features" (n, width) and "activations" (n, channels, h, w), the last map before pooling; n is free. Classes and
/// preprocessing stand in the metadata.
/// </summary>
public static class OnnxExport
{
    /// <summary>Opset 17 of 2022: everything here is in it, and old runtimes read it.</summary>
    private const int Opset = 17;

    private const int IrVersion = 8;
    private const string FreeSize = "n";

    /// <summary>By temporary file and rename.</summary>
    public static void Save(ImageClassifier network, ModelDescription description, string path)
    {
        var model = Build(network, description);
        AtomicFile.Write(path, stream => model.WriteTo(stream));
    }

    internal static ModelProto Build(ImageClassifier network, ModelDescription description)
    {
        var graph = new OnnxGraph(network.StateDict());
        graph.Input(OnnxNames.Images, FreeSize, 3, description.ImageSize, description.ImageSize);
        network.Export(graph, OnnxNames.Images);
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "FineTuneDashboard", Graph = graph.Proto };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (var (key, value) in Metadata(description))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    private static IEnumerable<(string Key, string Value)> Metadata(ModelDescription description)
    {
        string Numbers(IEnumerable<float> values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        yield return ("classes", System.Text.Json.JsonSerializer.Serialize(description.Classes, CoreJson.Options));
        yield return ("backbone", description.Backbone);
        yield return ("imageSize", description.ImageSize.ToString(CultureInfo.InvariantCulture));
        yield return ("resize", description.Resize == ResizeKind.Squash ? "squash" : "centreCrop");
        yield return ("decode", description.FullDecode ? OnnxNames.FullDecode : "draft");
        yield return ("colours", "RGB");
        yield return ("mean", Numbers(description.Mean));
        yield return ("deviation", Numbers(description.Deviation));
    }
}

using Training.Core.Formats;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Formats;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using var scope = NewDisposeScope();
        var path = _folder.In("weights.safetensors");
        var turned = arange(24, ScalarType.Float32).view(2, 3, 4).permute(2, 0, 1);

        SafetensorsFile.Write(path,
            new Dictionary<string, Tensor> { ["a"] = turned, ["클래스"] = tensor(new long[] { 1, -2 }),
                ["scalar"] = tensor(1.5).to(ScalarType.BFloat16) },
            new Dictionary<string, string> { ["labels"] = "cat\ndog" });
        var (tensors, metadata) = SafetensorsFile.Read(path);

        Assert.Equal("cat\ndog", metadata["labels"]);
        Assert.Equal([4, 2, 3], tensors["a"].shape);
        Assert.True(tensors["a"].equal(turned).all().item<bool>());
        Assert.Equal([1L, -2L], tensors["클래스"].data<long>().ToArray());
        Assert.Equal(1.5f, tensors["scalar"].to(ScalarType.Float32).item<float>());
    }

    [Fact]
    public void Write_Header_FillsWholeWordsAndDescribesTheBytes()
    {
        using var scope = NewDisposeScope();
        var path = _folder.In("weights.safetensors");

        SafetensorsFile.Write(path, new Dictionary<string, Tensor> { ["w"] = ones([3]) }, new Dictionary<string, string>());

        var bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToUInt64(bytes);
        Assert.Equal(0, length % 8);
        using var header = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(8, length));
        var entry = header.RootElement.GetProperty("w");
        Assert.Equal("F32", entry.GetProperty("dtype").GetString());
        Assert.Equal([0, 12], entry.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()));
        Assert.Equal(8 + length + 12, bytes.Length);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(-1)]
    public void Read_CutOff_NamesTheFile(int keep)
    {
        using var scope = NewDisposeScope();
        var path = _folder.In("weights.safetensors");
        SafetensorsFile.Write(path, new Dictionary<string, Tensor> { ["w"] = ones([100]) }, new Dictionary<string, string>());
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(keep < 0 ? bytes.Length + keep : keep)]);

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}

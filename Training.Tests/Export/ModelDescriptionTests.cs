using Training.Core.Backbones;
using Training.Core.Export;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Export;

public sealed class ModelDescriptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DescriptionPath => _folder.In("classes.json");

    [Fact]
    public void Load_OfASavedDescription_GivesItBack()
    {
        var recipe = new Recipe { Dataset = "/photos", ImageSize = 160, Resize = ResizeKind.Squash };
        var saved = ModelDescription.Of(BackboneCatalog.Get(BackboneCatalog.BuiltIn), ["강아지", "<script>"], recipe) with { BestEpoch = 3,
            ValAccuracy = 0.875 };

        saved.Save(DescriptionPath);
        var loaded = ModelDescription.Load(DescriptionPath);

        Assert.Equivalent(saved, loaded, strict: true);
        Assert.Equal("ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)", loaded.Torchvision);
        Assert.Contains("강아지", File.ReadAllText(DescriptionPath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("{\"classes\": [], \"backbone\": \"resnet18\", \"torchvision\": \"\", \"imageSize\": 224, \"resize\": \"squash\", "
        + "\"mean\": [], \"deviation\": []}")]
    public void Load_OfAnotherFile_NamesIt(string content)
    {
        File.WriteAllText(DescriptionPath, content);

        var error = Assert.Throws<InvalidDataException>(() => ModelDescription.Load(DescriptionPath));

        Assert.Contains($"{DescriptionPath} does not describe a model", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}

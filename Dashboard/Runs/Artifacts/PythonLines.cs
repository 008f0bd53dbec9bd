using System.Globalization;
using Training.Core.Backbones;
using Training.Core.Export;

namespace Dashboard.Runs.Artifacts;

/// <summary>The Python lines that load a run's best_model.pth and classify one photo with it.</summary>
public static class PythonLines
{
    public static string For(ModelDescription model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return $"""
            import json, torch
            from PIL import Image, ImageOps
            from torchvision import transforms as t
            {BackboneCatalog.Get(model.Backbone).TorchvisionImport}

            about = json.load(open("classes.json", encoding="utf-8"))
            model = {model.Torchvision}
            model.load_state_dict(torch.load("best_model.pth", map_location="cpu"))
            model.eval()
            prepare = t.Compose([{Resize(model)}, t.ToTensor(),
                                 t.Normalize({List(model.Mean)}, {List(model.Deviation)})])
            photo = Image.open("photo.jpg"){Draft(model)}
            image = prepare(ImageOps.exif_transpose(photo).convert("RGB")).unsqueeze(0)
            with torch.no_grad():
                print(about["classes"][model(image).argmax().item()])
            """;
    }

    private static string Resize(ModelDescription model) => model.Resize == ResizeKind.Squash
        ? Invariant($"t.Resize(({model.ImageSize}, {model.ImageSize}))")
        : Invariant($"t.Resize({model.ImageSize}), t.CenterCrop({model.ImageSize})");

    /// <summary>A plain torchvision pipeline decodes in full; this is how large JPEGs were decoded in training.</summary>
    private static string Draft(ModelDescription model) =>
        model.FullDecode ? "" : Invariant($"\nphoto.draft(None, ({model.ImageSize}, {model.ImageSize}))");

    private static string List(IEnumerable<float> values) =>
        "[" + string.Join(", ", values.Select(value => value.ToString("0.###", CultureInfo.InvariantCulture))) + "]";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

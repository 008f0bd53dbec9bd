using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
using Spectre.Console;
using Training.Core.Export;
using Training.Core.Inference;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary>
/// <c>predict --model DIR --images DIR --out FILE</c>: what a model says of every image of a folder, as CSV or JSON lines.
/// </summary>
internal static class PredictVerb
{
    public const string Name = "predict";

    private static readonly Option<string> Model = new("--model") { Description = "Folder with model.onnx, or such a file.",
        Required = true };
    private static readonly Option<string> Images = new("--images") { Description = "Folder of images; folders below are taken too.",
        Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "File to write: .csv, or .jsonl for JSON lines.",
        Required = true };
    private static readonly Option<bool> Excel = new("--excel")
    {
        Description = "The CSV for Excel and other spreadsheets: marked as UTF-8, and a name that would be a formula (=1+1.jpg) gets an "
            + "apostrophe before it.",
    };
    private static readonly Option<int> Top = new("--top") { Description = "Classes named for each image.", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command(Name, "Classifies every image of a folder.") { Model, Images, Out, Top, Excel };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => Task.FromResult(Run(parsed, cancellationToken))));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var excel = parsed.GetValue(Excel);
        var (images, path, top) = (parsed.GetRequiredValue(Images), parsed.GetRequiredValue(Out), parsed.GetValue(Top));
        if (!Directory.Exists(images)) throw new InvalidInputException($"--images: {images} is no folder.");
        if (top < 1) throw new InvalidInputException("--top: take 1 or more.");
        var lines = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => true,
            ".jsonl" => false,
            _ => throw new InvalidInputException($"--out: {path} ends neither in .csv nor in .jsonl."),
        };
        using var model = new OnnxModel(ModelFile(parsed.GetRequiredValue(Model)));
        // Counted first and walked again: however many there are, their names are never in memory together.
        var count = FolderPredictor.Files(images).Count();
        if (count == 0) throw new InvalidInputException($"--images: {images} holds no file.");
        if (excel && !lines)
            throw new InvalidInputException("--excel: JSON lines are not for spreadsheets; take a --out that ends in .csv.");
        top = Math.Min(top, model.Classes.Count);
        var (watch, unreadable, litter, done) = (Stopwatch.StartNew(), 0, 0, 0);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: excel), leaveOpen: true);
            if (lines) writer.WriteLine(CsvHeader(top));
            Progress(count, report =>
            {
                foreach (var prediction in FolderPredictor.Run(model, FolderPredictor.Files(images), top, cancellationToken))
                {
                    writer.WriteLine(lines ? CsvLine(prediction, top, excel) : JsonLine(prediction));
                    if (prediction.IsLitter) litter++;
                    else if (prediction.Problem is not null) unreadable++;
                    report(++done);
                }
            });
        }, repeats: false);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{done} files in {watch.Elapsed.TotalSeconds:F1} s, {done / watch.Elapsed.TotalSeconds:F0} a second: {path}"));
        if (unreadable > 0) Console.Error.WriteLine($"{unreadable} could not be read; their rows say why.");
        if (litter > 0)
            Console.Error.WriteLine($"{litter} are left behind by systems and programs and were not classified; their rows say so.");
        return ExitCode.Done;
    }

    private static string ModelFile(string model)
    {
        if (!Directory.Exists(model)) return model;
        var folder = new RunFolder(model);
        if (!File.Exists(folder.Onnx))
            throw new InvalidInputException($"--model: {folder.Onnx} is missing. Write it with: ./run.sh export --model {model}");
        return folder.Onnx;
    }

    private static void Progress(int total, Action<Action<int>> work)
    {
        if (Console.IsErrorRedirected)
        {
            work(_ => { });
            return;
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().Start(context =>
        {
            var bar = context.AddTask("Predicting", maxValue: total);
            work(done => bar.Value = done);
        });
    }

    private static string CsvHeader(int top) =>
        "file,error," + string.Join(',',
            Enumerable.Range(1, top).Select(rank => top == 1 ? "class,probability" : $"class{rank},probability{rank}"));

    private static string CsvLine(FilePrediction prediction, int top, bool excel) => string.Join(',',
        [Csv.Cell(prediction.Path, excel), Csv.Cell(prediction.Problem ?? "", excel),
            .. Enumerable.Range(0, top).Select(rank => rank < prediction.Top.Count ? Cells(prediction.Top[rank], excel) : ",")]);

    private static string Cells((string Class, double Probability) answer, bool excel) =>
        string.Create(CultureInfo.InvariantCulture, $"{Csv.Cell(answer.Class, excel)},{answer.Probability:F6}");

    private static string JsonLine(FilePrediction prediction) => JsonSerializer.Serialize(new
    {
        File = prediction.Path,
        Error = prediction.Problem,
        Top = prediction.Top.Select(each => new { each.Class, Probability = Math.Round(each.Probability, 6) }),
    }, CoreJson.Options);
}

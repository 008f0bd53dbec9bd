using System.Globalization;
using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Datasets.Zips;
using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Pages.Wording;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;

namespace Dashboard.Pages.AddDataset;

/// <summary>
/// Sends a zip from the browser straight to <c>POST /api/datasets</c> (js/upload.js): gigabytes don't fit through the page's own
/// connection.
/// </summary>
public sealed partial class UploadForm : IAsyncDisposable
{
    private ElementReference _input;
    private ScriptModule? _script;
    private bool _isLeft;
    private DotNetObjectReference<UploadForm>? _self;
    private string? _name, _fileName, _field, _trouble;
    private bool _isNamed, _isSending, _isChecking;
    private List<EncodingPreview> _previews = [];
    private string _encoding = "";
    private long _bytes, _sent;
    private long _started;

    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private DatasetStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    private double Sent => _bytes > 0 ? Math.Min(1, (double)_sent / _bytes) : 0;

    private string Percent => string.Create(CultureInfo.InvariantCulture, $"{Sent * 100:F1}%");

    private string Progress
    {
        get
        {
            if (_sent >= _bytes) return L["Uploaded; checking the zip …"];
            var words = L["{0} of {1} uploaded", Figures.Bytes(_sent), Figures.Bytes(_bytes)].Value;
            var passed = Time.GetElapsedTime(_started);
            return passed.TotalSeconds < 2 || _sent == 0 ? words
                : $"{words} · {L["{0} left", Figures.Rough(passed / Sent - passed, L)]}";
        }
    }

    [JSInvokable]
    public void Progressed(long bytes)
    {
        _sent = Math.Min(bytes, _bytes);
        StateHasChanged();
    }

    /// <param name="status">Of HTTP; 0 when the connection broke, -1 when it was cancelled here.</param>
    [JSInvokable]
    public void Ended(int status, string body)
    {
        _isSending = false;
        // The address is another page's by now.
        if (_isLeft) return;
        if (status == StatusCodes.Status201Created && Id(body) is { } id)
        {
            Navigation.NavigateTo(FormattableString.Invariant($"/datasets/{id}"));
            return;
        }
        (_field, _trouble) = status switch
        {
            -1 => (null, null),
            0 => ("file", L["The connection broke before the upload was whole. Nothing of it was kept; upload it again."].Value),
            _ => Trouble(body),
        };
        _previews = _field == "encoding" ? Previews(body) : [];
        if (_previews.Count > 0 && _previews.All(preview => preview.Encoding != _encoding)) _encoding = "";
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _isLeft = true;
        // Who leaves the page gives the upload up: nobody would see how it ends.
        if (_script is not null) await _script.LeaveAsync("cancel");
        _self?.Dispose();
    }

    private async Task ChosenAsync()
    {
        var file = await Module().AskAsync<ChosenFile>("chosen", _input);
        (_field, _trouble, _fileName, _bytes, _sent, _previews, _encoding) = (null, null, file?.Name, file?.Size ?? 0, 0, [], "");
        if (!_isNamed) _name = Path.GetFileNameWithoutExtension(_fileName);
        if (_bytes <= Options.Value.MaxUploadBytes) return;
        (_field, _trouble) = ("file", L["The zip is larger than {0}. Unpack it on the computer that runs the dashboard and add the folder "
            + "by its path.",
            Figures.Bytes(Options.Value.MaxUploadBytes)]);
    }

    private void NameChanged()
    {
        _isNamed = !string.IsNullOrEmpty(_name);
        if (_field == "name") _field = null;
    }

    private async Task SendAsync()
    {
        if (_fileName is null || _field == "file" && _bytes > Options.Value.MaxUploadBytes) return;
        try
        {
            _name = await Store.CheckNameAsync(_name);
        }
        catch (DatasetException exception)
        {
            (_field, _trouble) = (exception.Field, exception.Message);
            return;
        }
        (_field, _trouble, _sent, _isSending, _isChecking) = (null, null, 0, true, true);
        var answer = await Module().AskAsync<Answer>("check", _input, _encoding);
        _isChecking = false;
        if (answer is { Status: StatusCodes.Status400BadRequest })
        {
            Ended(answer.Status, answer.Body);
            return;
        }
        _started = Time.GetTimestamp();
        await Module().CallAsync("send", _input, _name, _encoding, _self);
    }

    private async Task CancelAsync()
    {
        if (_script is not null) await _script.CallAsync("cancel");
    }

    private ScriptModule Module()
    {
        _self ??= DotNetObjectReference.Create(this);
        return _script ??= new ScriptModule(Js, AssetUrl.Of("js/upload.js"));
    }

    private static int? Id(string body)
    {
        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("id", out var id) ? id.GetInt32() : null;
    }

    private (string Field, string Message) Trouble(string body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            if (answer.RootElement.TryGetProperty("errors", out var errors)
                && errors.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Array } first)
                return (first.Name, first.Value[0].GetString() ?? "");
            if (answer.RootElement.TryGetProperty("detail", out var detail)) return ("file", detail.GetString() ?? "");
        }
        catch (JsonException)
        {
            // Something between here and the dashboard answered, such as a proxy with a page of its own.
        }
        return ("file",
            L["The upload was refused, and the answer says not why. A proxy in between may limit its size; add the folder by its path "
                + "instead."]);
    }

    private static List<EncodingPreview> Previews(string body)
    {
        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("previews", out var previews)
            ? previews.Deserialize<List<EncodingPreview>>(JsonSerializerOptions.Web) ?? [] : [];
    }

    /// <param name="Status">Of HTTP.</param>
    private sealed record Answer(int Status, string Body);

    private sealed record ChosenFile(string Name, long Size);
}

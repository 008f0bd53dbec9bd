namespace Dashboard.Datasets;

/// <summary>Input about a dataset that can't be taken; the message says what, why and what to do.</summary>
/// <param name="field">In camelCase, such as "path".</param>
public sealed class DatasetException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}

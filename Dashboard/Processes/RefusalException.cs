using System.Runtime.InteropServices;

namespace Dashboard.Processes;

/// <summary>
/// Something that the dashboard refuses, or can't do as things are: the message says to people what, why and what to do. Every exception of
/// the dashboard that is an answer is one. Any other is a fault of the program, and its text is for the log.
/// </summary>
public abstract class RefusalException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The field of the request that is wrong, in camelCase, such as "path"; null: none in particular.</summary>
    public virtual string? Field => null;

    /// <summary>
    /// What people may read of an exception: a refusal's words, or what the system says of a file, a process, the network or a database.
    /// </summary>
    /// <returns>Null for a fault of the program.</returns>
    internal static string? WordsOf(Exception exception) =>
        exception is RefusalException or IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException
            or ExternalException
        ? exception.Message : null;
}

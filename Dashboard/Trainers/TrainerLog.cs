namespace Dashboard.Trainers;

/// <summary>trainer.log from the inside: what the trainer prints. A full disk must not end a training for the sake of a log line.</summary>
internal sealed class TrainerLog(TextWriter writer)
{
    public void Write(string line)
    {
        try
        {
            writer.WriteLine(line);
        }
        catch (IOException)
        {
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;

namespace Dashboard.Access.Doors;

/// <summary>
/// What arrives over a connection, a little at a time for as long as nobody knows who sends it: a message that doesn't fit into
/// <see cref="Strangers.MostBytes"/> ends the connection before it is read. The hub's own limit is one for all its connections, and far
/// higher.
/// </summary>
internal sealed class StrangersPipe(IDuplexPipe connection, Stranger stranger) : IDuplexPipe
{
    public PipeReader Input { get; } = new Reader(connection.Input, stranger);

    public PipeWriter Output => connection.Output;

    private sealed class Reader(PipeReader inner, Stranger stranger) : PipeReader
    {
        private ReadOnlySequence<byte> _shown;

        /// <summary>
        /// All that a stranger may send at once was shown last time; whether anything of it made a message is not known yet.
        /// </summary>
        private bool _isFull;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            Part(await inner.ReadAsync(cancellationToken));

        public override bool TryRead(out ReadResult result)
        {
            if (!inner.TryRead(out result)) return false;
            result = Part(result);
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _isFull = _isFull && _shown.Slice(_shown.Start, consumed).IsEmpty;
            _shown = default;
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        private ReadResult Part(ReadResult result)
        {
            var buffer = result.Buffer;
            if (stranger.IsClosed) return new ReadResult(buffer.Slice(buffer.Start, buffer.Start), isCanceled: true, isCompleted: false);
            if (stranger.IsKnown || buffer.Length <= Strangers.MostBytes)
            {
                _isFull = false;
                return result;
            }
            if (_isFull)
            {
                stranger.Close("was closed: it sent a message larger than 16 kB before it had said who it is");
                return new ReadResult(buffer.Slice(buffer.Start, buffer.Start), isCanceled: true, isCompleted: false);
            }
            (_isFull, _shown) = (true, buffer.Slice(0, Strangers.MostBytes));
            return new ReadResult(_shown, result.IsCanceled, isCompleted: false);
        }
    }
}

using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>
/// One pass over the samples: threads take image after image in the order of the pass and fill the buffers of the next few batches;
/// a thread that is too far ahead waits until a batch was given back. All state is guarded by one lock.
/// </summary>
internal sealed class DecodeAhead : IDisposable
{
    private readonly SquareReader _reader;
    private readonly int _epoch;
    private readonly int[] _order;
    private readonly int _batchSize;
    private readonly byte[][] _buffers;
    private readonly Thread[] _threads;
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();

    /// <summary>Images of a buffer that are not decoded yet.</summary>
    private readonly int[] _missing;

    private (int Position, Exception Error)? _failure;
    private int _next;
    private int _released;
    private bool _stopped;

    /// <param name="order">Indices of samples, as long as the pass.</param>
    /// <param name="buffers">A batch's squares each; used in turn.</param>
    public DecodeAhead(SquareReader reader, int epoch, int[] order, int batchSize, byte[][] buffers, int threads)
    {
        (_reader, _epoch, _order, _batchSize, _buffers) = (reader, epoch, order, batchSize, buffers);
        _missing = new int[buffers.Length];
        for (var batch = 0; batch < buffers.Length; batch++) _missing[batch] = CountOf(batch);
        _threads = new Thread[Math.Clamp(threads, 1, Math.Max(1, order.Length))];
        for (var index = 0; index < _threads.Length; index++)
        {
            _threads[index] = new Thread(Decode) { IsBackground = true, Name = $"decode {index + 1}" };
            _threads[index].Start();
        }
    }

    public int LiveThreads => _threads.Count(thread => thread.IsAlive);

    /// <summary>Waits for a batch's buffer; valid until <see cref="Release"/>. Batches are taken in turn from 0.</summary>
    /// <exception cref="ImageException">An image of this batch can't be read.</exception>
    public byte[] Take(int batch, CancellationToken cancellationToken)
    {
        using var wake = cancellationToken.Register(Wake);
        lock (_gate)
        {
            while (_missing[batch % _buffers.Length] > 0 && !_stopped && !cancellationToken.IsCancellationRequested) Monitor.Wait(_gate);
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_stopped, this);
            // The first in order, whichever thread found one first: the same message every time.
            if (_failure is { } failure && failure.Position < (batch + 1) * _batchSize)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure.Error);
        }
        return _buffers[batch % _buffers.Length];
    }

    /// <summary>Gives the oldest batch's buffer back to the threads.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _missing[_released % _buffers.Length] = CountOf(_released + _buffers.Length);
            _released++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the threads; each finishes the image that it has in hand.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        _stop.Cancel();
        foreach (var thread in _threads) thread.Join();
    }

    private int CountOf(int batch) => Math.Clamp(_order.Length - batch * _batchSize, 0, _batchSize);

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Decode()
    {
        while (TakePosition() is { } position)
        {
            var (batch, row) = Math.DivRem(position, _batchSize);
            var slot = batch % _buffers.Length;
            Exception? error = null;
            try
            {
                _reader.Read(_order[position], _epoch, _buffers[slot].AsSpan(row * _reader.Length, _reader.Length), _stop.Token);
            }
            // Whatever it is, it belongs to the one who waits for the batch: on this thread it would end the process.
            catch (Exception caught)
            {
                error = caught;
            }
            lock (_gate)
            {
                if (error is not null && (_failure is null || position < _failure.Value.Position)) _failure = (position, error);
                if (--_missing[slot] == 0) Monitor.PulseAll(_gate);
            }
        }
    }

    private int? TakePosition()
    {
        lock (_gate)
        {
            while (!_stopped && _next < _order.Length && _next / _batchSize >= _released + _buffers.Length) Monitor.Wait(_gate);
            return _stopped || _next >= _order.Length ? null : _next++;
        }
    }
}

namespace LipSol.Client;

/// <summary>A stream that tells how far it has been read.</summary>
internal sealed class ObservedStream(Stream source, long? total, IProgress<TransferProgress>? progress) : Stream
{
    private long done;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => source.Length;

    public override long Position
    {
        get => done;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Tell(source.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Tell(await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Tell(int read)
    {
        done += read;
        progress?.Report(new TransferProgress(done, total));
        return read;
    }
}

using LipSol.Clips;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Streaming;

/// <summary>Lends what crops the pictures of a stream, outside this process.</summary>
internal interface IStreamCroppers
{
    /// <summary>A cropper for one stream.</summary>
    /// <param name="settings">How to crop.</param>
    /// <param name="cropped">Told of each picture, in order; the last crops come as one more, which took no time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StreamEnding">None is free, none can be started, or it can't crop so.</exception>
    Task<IStreamCropper> TakeAsync(CropSettings settings, Action<StreamCropped> cropped, CancellationToken cancellationToken);
}

/// <summary>Crops the pictures of one stream. Disposing it gives it back.</summary>
internal interface IStreamCropper : IAsyncDisposable
{
    /// <summary>Pictures on their way.</summary>
    int UnderWay { get; }

    /// <summary>Completes where it can't go on, with the reason.</summary>
    Task<string> Broken { get; }

    /// <summary>Sends a picture on its way.</summary>
    Task PushAsync(double seconds, byte[] picture);

    /// <summary>Returns once all pictures are cropped, those that lag behind too.</summary>
    Task FinishAsync(CancellationToken cancellationToken);
}

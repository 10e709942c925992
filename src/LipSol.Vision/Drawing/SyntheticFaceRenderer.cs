using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Draws a shaded speaking face that the real detector and landmark model find, and tells where it drew the lips.</summary>
/// <remarks>Not thread-safe: one instance a thread; it reuses its buffers. Equal input gives equal pixels.</remarks>
public sealed class SyntheticFaceRenderer : IDisposable
{
    private readonly Canvas _canvas = new();
    private readonly FacePainter _face;
    private readonly MouthPainter _mouth;

    /// <summary>Creates a renderer.</summary>
    public SyntheticFaceRenderer()
    {
        OpenCvRuntime.Prepare();
        _face = new FacePainter(_canvas);
        _mouth = new MouthPainter(_canvas);
    }

    /// <summary>Draws one frame.</summary>
    /// <param name="face">How the speaker looks.</param>
    /// <param name="frame">What the face does.</param>
    /// <param name="picture_BGR">The picture to draw on: 8 bits, three channels, of any size; overwritten.</param>
    /// <param name="noiseSeed">Seed of this frame's sensor noise.</param>
    /// <returns>What was drawn, in pixels of the picture.</returns>
    public SyntheticFaceTruth Draw(SyntheticFace face, SyntheticFaceFrame frame, Mat picture_BGR, ulong noiseSeed = 0)
    {
        ArgumentNullException.ThrowIfNull(face);
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(picture_BGR);
        if (picture_BGR.Type() != MatType.CV_8UC3 || picture_BGR.Width < 32 || picture_BGR.Height < 32)
            throw new ArgumentException("The picture has to have three channels of 8 bits and at least 32×32 pixels.", nameof(picture_BGR));
        _canvas.Use(picture_BGR);
        var head = new HeadProjection(face, frame, picture_BGR.Width, picture_BGR.Height, FacePainter.NoseBase(face));
        picture_BGR.SetTo(Tone.From(face.Background).ToScalar());
        _face.PaintBehind(face, head);
        _face.PaintHead(face, head);
        _face.PaintNose(face, head);
        _face.PaintEyes(face, frame, head);
        var truth = _mouth.Paint(face, frame, head);
        Lighting.Apply(picture_BGR, frame, head, noiseSeed);
        return truth;
    }

    /// <inheritdoc/>
    public void Dispose() => _canvas.Dispose();
}

using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using Training.Core.Devices.Kernels;
using Training.Core.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training.Core.Backbones;

// TorchSharp's own layers compute in the type of their weights. These keep float32 weights and cast them to the type of the images
// inside forward: what autocast would give, with float32 master weights, optimizer state and statistics.

/// <summary>
/// A convolution without bias, padded so that stride 1 keeps the size; Kaiming-normal weights (fan out, ReLU), as in torchvision.
/// </summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly int _kernel;
    private readonly int _stride;
    private readonly int _groups;
    private readonly bool _isDepthwise;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public Convolution(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) : base(nameof(Convolution))
    {
        _kernel = kernel;
        _stride = stride;
        _groups = groups;
        _isDepthwise = groups > 1 && groups == inputs;
        using var noGradient = no_grad();
        var weight = nn.init.kaiming_normal_(
            empty(outputs, inputs / groups, kernel, kernel), mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        _weight = LayerTensors.Own(weight);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (IsSlow(input)) return Convolve(input.to(ScalarType.Float32), _weight).to(input.dtype);
        var weight = _weight.to(input.dtype);
        return _kernel == 1 && input.device_type == DeviceType.CPU
            ? MultiplyPixels(input, weight)
            : Convolve(input, weight);
    }

    public string Export(OnnxGraph graph, string input) =>
        graph.Convolution(input, _weight, null, _stride, _kernel / 2, _groups);

    private Tensor Convolve(Tensor input, Tensor weight) => ConvolutionGradient.IsFaster(input, weight, _stride, _groups)
        ? ConvolutionGradient.Convolve(input, weight, _stride)
        : F.conv2d(input, weight, null, [_stride, _stride], [_kernel / 2, _kernel / 2], null, _groups);

    // The gradients of a depthwise convolution in bfloat16 take a processor twice as long as those in float32, casts included
    // (libtorch 2.10, AVX512-BF16: MobileNetV3 large trains 34 images a second and core instead of 16).
    private bool IsSlow(Tensor input) =>
        _isDepthwise && input.dtype == ScalarType.BFloat16 && input.device_type == DeviceType.CPU && is_grad_enabled();

    // A 1x1 convolution as the matrix product that it is. oneDNN's own (libtorch 2.10, AVX-512) plans its blocks by the processor's
    // cache sizes; in virtual machines that hide these it gave results that were wrong by 14 % (256 to 512 channels, channels-last)
    // and ended the process by a division by zero (backward, 512 to 1,024 channels, stride 2).
    private Tensor MultiplyPixels(Tensor input, Tensor weight)
    {
        var pixels = input.permute(0, 2, 3, 1);
        if (_stride > 1) pixels = pixels.slice(1, 0, pixels.shape[1], _stride).slice(2, 0, pixels.shape[2], _stride);
        // Of four dimensions libtorch would make a product for each row of each image, three times as slow.
        var (images, height, width) = (pixels.shape[0], pixels.shape[1], pixels.shape[2]);
        return F.linear(pixels.flatten(0, 2), weight.flatten(1)).view(images, height, width, -1).permute(0, 3, 1, 2);
    }
}

/// <summary>Batch normalisation whose weights and statistics stay float32 for images of any type.</summary>
internal sealed class BatchNorm : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly double _epsilon;
    private readonly double _momentum;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    private bool _training = true;

    /// <param name="momentum">Part of a batch's statistics in the running ones.</param>
    public BatchNorm(int channels, double epsilon = 1e-5, double momentum = 0.1) : base(nameof(BatchNorm))
    {
        (_epsilon, _momentum) = (epsilon, momentum);
        _weight = LayerTensors.Own(ones(channels));
        _bias = LayerTensors.Own(zeros(channels));
        _mean = zeros(channels).DetachFromDisposeScope();
        _variance = ones(channels).DetachFromDisposeScope();
        _batches = zeros(Array.Empty<long>(), ScalarType.Int64).DetachFromDisposeScope();
        RegisterComponents();
    }

    // A managed flag: asking libtorch for the mode costs a native call in every layer of every step.
    public override void train(bool train = true)
    {
        base.train(train);
        _training = train;
    }

    public override Tensor forward(Tensor input) => Normalise(input, shortcut: null, relu: false);

    /// <summary>ReLU of the norm, or of the norm plus a shortcut.</summary>
    public Tensor Relu(Tensor input, Tensor? shortcut = null) => Normalise(input, shortcut, relu: true);

    public string Export(OnnxGraph graph, string input) =>
        graph.BatchNormalization(input, _weight, _bias, _mean, _variance, _epsilon);

    private Tensor Normalise(Tensor input, Tensor? shortcut, bool relu)
    {
        if (_training) _batches.add_(1);
        if (Norm.Covers(input))
            return Norm.Apply(input, new(_weight, _bias, _mean, _variance, _epsilon, _momentum), shortcut, relu, _training);
        var normed = F.batch_norm(input, _mean, _variance, _weight, _bias, _training, _momentum, _epsilon);
        // In place is safe: neither a batch norm nor an addition needs its own output for the gradient.
        if (shortcut is not null) normed.add_(shortcut);
        return relu ? F.relu(normed, inplace: true) : normed;
    }
}

/// <summary>A linear layer in float32, initialised as PyTorch's nn.Linear.</summary>
internal sealed class LinearHead : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public LinearHead(int features, int classes) : base(nameof(LinearHead))
    {
        var bound = 1 / Math.Sqrt(features);
        using var noGradient = no_grad();
        _weight = LayerTensors.Own(empty(classes, features).uniform_(-bound, bound));
        _bias = LayerTensors.Own(empty(classes).uniform_(-bound, bound));
        RegisterComponents();
    }

    public (Parameter Weight, Parameter Bias) Parameters => (_weight, _bias);

    public override Tensor forward(Tensor input) => F.linear(input, _weight, _bias);

    public string Export(OnnxGraph graph, string input) => graph.Linear(input, _weight, _bias);
}

internal static class LayerTensors
{
    /// <summary>A parameter that outlives the caller's dispose scope.</summary>
    public static Parameter Own(Tensor tensor)
    {
        var parameter = new Parameter(tensor, requires_grad: true);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}

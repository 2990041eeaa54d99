"""Linear layers by oneDNN's float32 products in place of MKL's, which take twice as long on processors of AMD."""

import torch

plain = torch.nn.functional.linear


def product(x, weight, bias=None):
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


class FrozenLinear(torch.autograd.Function):
    """y = x Wᵀ + b with frozen W and b: of the gradients, dx = dy W alone."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.weight = weight
        return product(x, weight, bias)

    @staticmethod
    def backward(ctx, gradient):
        return product(gradient, ctx.weight.T), None, None


def linear(x, weight, bias=None):
    if weight.requires_grad or x.dtype != torch.float32:
        return plain(x, weight, bias)
    return FrozenLinear.apply(x, weight, bias)


def use_onednn():
    torch.nn.functional.linear = linear
